"""From a `Scene` to a web page that steps through it.

`page_data` is what the page is given, with the running `totals` of gradients, the decision
`boundary`, and what `nudges` of inputs and parameters do; `html` puts it into one file together
with the `files` of the page: styles, and modules of JavaScript, which read it in `files/data.js`.
"""
