"""The playground: a static page in which programs run in the browser, by Pyodide.

    python -m playground

`building` writes the folder to be served. What the page is made of is in `page`, as it is served;
`running.py` there is its Python side, which runs inside Pyodide. `examples` are the programs that
it offers.
"""
