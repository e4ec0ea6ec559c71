"""
The report of a month, quarter or year: what a replay folder holds, as one self-contained HTML page.

`facts` gathers what is shown, `page` puts it into words and pictures, `templates` lay it out. A rule
decides nothing here.
"""
