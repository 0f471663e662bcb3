"""NetSuite's SQL: read it as NetSuite does, and say it again in the words of the storage engine.

Belongs here: words, grammar, names, types and functions of SuiteQL. No table contents and no HTTP.
"""
