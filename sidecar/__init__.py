"""What python.org cannot do with files: accounts, what people hand in, moderation, mail, counts.

Start at app.py, which lists every route, then permissions.py, which says who may do what, and
database.py, which says how anything is written.  The builder never imports this; this imports the
content types, the Markdown and the templates of the builder.
"""
