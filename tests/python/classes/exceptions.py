import sys
try: 1/0
except Exception as e: TB=type(e.__traceback__)
def t(x):
    try: print(x,'=>',eval(x))
    except BaseException as e: print(x,'!!',type(e).__name__,e)
for x in ["BaseException(a=1)","AttributeError(foo=1)","AttributeError(1,name='x',obj=3).name","NameError(foo=1)","ImportError(foo=1)","ImportError('a',name=1).__reduce__()","AttributeError('a',name='n',obj=1).__reduce__()","NameError('a',name='n').__reduce__()",
"OSError(2,'x').__class__","str(OSError(2,'x','f'))","str(OSError(2,'x','f',None,'g'))","OSError(2,'x','f').args","OSError(2,'x','f').__reduce__()","OSError(2,'x','f',None,'g').__reduce__()","OSError(1,2,3,4,5,6).errno","BlockingIOError(11,'x',5).characters_written","BlockingIOError(11,'x').characters_written","OSError(a=1)","repr(OSError(2,'x','f'))","OSError(2,'x').winerror",
"SyntaxError('m',('f.py',3,4,'text')).lineno","str(SyntaxError('m',('/a/f.py',3,4,'text')))","str(SyntaxError('m',(None,3,4,'text')))","SyntaxError('m',('f',1))","SyntaxError('m',('f',1,2,'t',1))","SyntaxError('m',('f',1,2,'t',1,2,3,4))","SyntaxError('m',3)","SyntaxError().msg","SyntaxError('a').print_file_and_line","str(SyntaxError())","SyntaxError('a','b','c').msg",
"UnicodeEncodeError()","UnicodeEncodeError(1,2,3,4,5)","UnicodeEncodeError('a','b',1,2,3)","str(UnicodeEncodeError('ascii','\\xe9',0,1,'r'))","str(UnicodeEncodeError('ascii','ab\\u1234',2,3,'r'))","str(UnicodeEncodeError('ascii','ab\\U00012345',2,3,'r'))","str(UnicodeEncodeError('ascii','abc',0,2,'r'))","str(UnicodeDecodeError('ascii',b'abc',0,1,'r'))","str(UnicodeDecodeError('ascii',bytearray(b'abc'),0,3,'r'))","UnicodeDecodeError('ascii','x',0,1,'r')","str(UnicodeTranslateError('abc',0,1,'r'))","str(UnicodeTranslateError('abc',0,2,'r'))","UnicodeTranslateError(1)","UnicodeEncodeError('a','b',-5,100,'x').start","UnicodeEncodeError('a','b',-5,100,'x').end","UnicodeEncodeError.__new__(UnicodeEncodeError).start","str(UnicodeEncodeError.__new__(UnicodeEncodeError))","UnicodeEncodeError.__new__(UnicodeEncodeError).encoding",
"ExceptionGroup()","ExceptionGroup(1,[1])","ExceptionGroup('a',3)","ExceptionGroup('a',[])","ExceptionGroup('a',[3])","ExceptionGroup('a',[KeyboardInterrupt()])","BaseExceptionGroup('a',[ValueError()])","BaseExceptionGroup('a',[KeyboardInterrupt()])","str(ExceptionGroup('a',[ValueError(1),TypeError()]))","repr(ExceptionGroup('a',(ValueError(1),TypeError())))","repr(ExceptionGroup('a',[ValueError(1),TypeError()]))","ExceptionGroup('a',(ValueError(1),)).args","ExceptionGroup('a',[ValueError(1)]).exceptions","ExceptionGroup('a',[ValueError(1)],3)","ExceptionGroup('a',[ValueError(1)]).split(3)","ExceptionGroup('a',[ValueError(1),TypeError(2)]).split(ValueError)","ExceptionGroup('a',[ValueError(1),TypeError(2)]).subgroup(KeyError)","ExceptionGroup('a',[ValueError(1),TypeError(2)]).subgroup(lambda e:isinstance(e,TypeError))","ExceptionGroup('a',[ValueError(1),TypeError(2)]).derive([KeyError()])","ExceptionGroup('a',{ValueError(1)})","ExceptionGroup(message='a',exceptions=[])","ExceptionGroup('a', [ValueError()]).__reduce__()",
"ValueError().add_note(1)","ValueError(1).__setstate__(3)","ValueError(1).__reduce__()","ValueError().with_traceback(3)","setattr(ValueError(),'__traceback__',3)","setattr(ValueError(),'__cause__',3)","setattr(ValueError(),'__context__',3)","delattr(ValueError(),'args')","delattr(ValueError(),'__cause__')","delattr(ValueError(),'__traceback__')","StopIteration(1,2).value","SystemExit(1,2).code","SystemExit().code","str(KeyError('a'))","str(KeyError('a','b'))","repr(KeyError())","str(ImportError('x',name=3))","ImportError('x','y').msg","KeyError(a=1)", "dir(BaseException)", "setattr(ValueError(),'__suppress_context__',3)","ImportError('x').path","StopAsyncIteration(3).args", "[m for m in dir(ImportError) if m not in dir(Exception)]","[m for m in dir(AttributeError) if m not in dir(Exception)]","[m for m in dir(SyntaxError) if m not in dir(Exception)]","[m for m in dir(OSError) if m not in dir(Exception)]","[m for m in dir(ExceptionGroup) if m not in dir(Exception)]","OSError.__mro__","BaseException.__init__","OSError.__init__ is Exception.__init__","ValueError.__new__","ValueError.__init__", "'__init__' in ValueError.__dict__", "'__str__' in OSError.__dict__", "ValueError.__doc__", "OSError.__doc__","TB(1,2,3,4)","TB.__doc__","dir(TB)","e.__traceback__","property.__doc__[:30]","f.__code__.replace(co_name='zz').co_name","list(f.__code__.co_lines())[:1][0][0]"]: t(x)
class E(ExceptionGroup): pass
t("E('a',[ValueError()]).split(ValueError)")
class E2(ExceptionGroup): 
    def __new__(cls,a): return super().__new__(cls,'m',[ValueError()])
t("E2(1)"); t("E2(1).split(TypeError)")
class G(OSError):
    def __init__(self,a): super().__init__(a,'b')
t("G(2).errno"); t("G(2).args"); t("type(G(2))")
class K(ExceptionGroup, ValueError): pass
x=ValueError(1); x.add_note('n'); x.zz=3
print(x.__notes__, x.__reduce__())
def f():
    try:
        1/0
    except ZeroDivisionError as e:
        raise KeyError('k')
try: f()
except KeyError as e: print(repr(e.__context__), e.__cause__, e.__traceback__.tb_next.tb_lineno, e.__traceback__.tb_frame.f_code.co_name)
