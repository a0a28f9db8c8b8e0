"""From a `Scene` to a web page that goes through it step by step.

`data` says what the page knows, with the running `totals` of gradients and the `boundary` of
decisions; `html` puts it into one file together with the `files` of the page: styles, and modules
of JavaScript, which read it again in `files/data.js`.
"""
