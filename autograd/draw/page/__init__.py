"""From a `Scene` to a web page that steps through it.

`page_data` is what the page is given, with its `frames`: the numbers of the scene, of each of the
`samples` of a batch and of the `parameters`, and the running `totals` of gradients. A training adds
the `network` and the plane of its inputs, the `boundary`, evaluated at `places`; a drawing, what
`nudges` of inputs and parameters do. `html` puts all of it into one file together with the `files`
of the page: styles, and modules of JavaScript, which read it in `files/data.js`.
"""
