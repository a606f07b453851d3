"""datetime's classes. There is one implementation, the one in Python."""
from _pydatetime import *
from _pydatetime import __doc__
