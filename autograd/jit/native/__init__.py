"""Lowering to machine code, through LLVM."""
