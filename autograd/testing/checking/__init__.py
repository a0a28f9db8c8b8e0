"""`gradcheck`: whether a derivative is right.

It compares derivatives with numerical ones, and by `consistency` with each other; `findings` are
its result, and `diagnosis` guesses what is likely wrong.
"""
