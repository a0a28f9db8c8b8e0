"""Is a derivative right? `gradcheck` asks, and says what it found.

It compares derivatives with numerical ones, and by `consistency` with each other; `findings` are
its result, and `diagnosis` guesses what is likely wrong.
"""
