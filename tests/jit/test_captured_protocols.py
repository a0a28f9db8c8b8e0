"""Settings behind Python's protocols, each of which was once read once and never again.

Special members that are no methods, metaclasses, members of enums, subclasses and attributes of
what is written in C, generic aliases, texts that format by name, and what takes a library's name.
"""

from __future__ import annotations

import pytest
from jit_settings import Row, never_missed

from autograd import Value, grad, where
from autograd.jit import jit
from nn import sign_accuracy

WATCHED: list[Row] = [
    ("class A(abc.ABC): rate = 1.0\nname = 'rate'", "getattr(A, name) * x", "A.rate = v"),
    (
        "class O:\n    def __call__(self, x): return q[0]*x\nclass A: __call__ = O()\na=A()",
        "a(x)",
        "q[0]=v",
    ),
    (
        "class A: __call__ = staticmethod(functools.partial(lambda d,x: d['rate']*x, d))\na=A()",
        "a(x)",
        "d['rate']=v",
    ),
    ("class A: __len__ = q.__len__\na=A()", "len(a)*x", "q[:] = [0]*int(v)"),
    ("class A: __getitem__ = d.__getitem__\na=A()", "a['rate']*x", "d['rate']=v"),
    ("class A: __rate__ = 1.0\na=A()", "A.__rate__*x", "A.__rate__=v"),
    ("class A: __rate__ = 1.0\na=A()", "a.__rate__*x", "A.__rate__=v"),
    ("class A: __rate__ = 1.0\na=A()", "a.__rate__[0]*x", "A.__rate__=[v]"),
    ("class A: __rates__ = q\na=A()", "a.__rates__[0]*x", "q[0]=v"),
    (
        "class A:\n    __match_args__=('rate',)\n"
        "    def __init__(self): self.rate=1.0; self.o=5.0\na=A()\ndef f(x):\n    match a:\n"
        "        case A(r): return x*r",
        "",
        "A.__match_args__=('o',) if v==5 else ('rate',)",
    ),
    ("class M(type): rate=1.0\nclass A(metaclass=M): ...\na=A()", "type(a).rate*x", "M.rate=v"),
    ("class M(type): rate=1.0\nclass A(metaclass=M): ...\na=A()", "a.__class__.rate*x", "M.rate=v"),
    (
        "class M(type):\n    @property\n    def rate(c): return q[0]\nclass A(metaclass=M):\n"
        "    @classmethod\n    def by(c,x): return c.rate*x\na=A()",
        "a.by(x)",
        "q[0]=v",
    ),
    (
        "class M(type):\n    rate=1.0\nclass A(metaclass=M):\n"
        "    def by(s,x): return type(s).rate*x\na=A()",
        "a.by(x)",
        "M.rate=v",
    ),
    (
        "class MM(type): rate=1.0\nclass M(type,metaclass=MM): ...\nclass A(metaclass=M): ...\n"
        "a=A()",
        "type(A).rate*x",
        "MM.rate=v",
    ),
    (
        "class MM(type): rate=1.0\nclass M(type,metaclass=MM): ...\nclass A(metaclass=M): ...\n"
        "a=A()",
        "type(type(a)).rate*x",
        "MM.rate=v",
    ),
    (
        "class F(enum.Enum):\n    A=1\n    def by(s,x): return s._scale*x\nF._scale=1.0",
        "F.A.by(x)",
        "F._scale=v",
    ),
    ("F=enum.Enum('F',{'A':1.0})\nF._scale=1.0", "F.A._scale*x", "F._scale=v"),
    (
        "class P(property):\n    def __get__(s,o,t=None): return s.rate\n"
        "class A: rate=P(lambda s: 1)\nvars(A)['rate'].rate=1.0\na=A()",
        "a.rate*x",
        "vars(A)['rate'].rate=v",
    ),
    (
        "class P(property):\n    def __get__(s,o,t=None): return q[0]*property.__get__(s,o,t)\n"
        "class A: rate=P(lambda s: 1.0)\na=A()",
        "a.rate*x",
        "q[0]=v",
    ),
    (
        "class P(classmethod):\n    def __get__(s,o,t=None): return lambda x: x*q[0]\n"
        "class A: by=P(lambda s: 1.0)\na=A()",
        "a.by(x)",
        "q[0]=v",
    ),
    (
        "class P(staticmethod):\n    def __get__(s,o,t=None): return lambda x: x*q[0]\n"
        "class A: by=P(lambda s: 1.0)\na=A()",
        "a.by(x)",
        "q[0]=v",
    ),
    (
        "class P(functools.cached_property):\n    def __get__(s,o,t=None): return q[0]\n"
        "class A: rate=P(lambda s: 1.0)\na=A()",
        "a.rate*x",
        "q[0]=v",
    ),
    (
        "class A:\n    @functools.cached_property\n    def rate(s): return 1.0\n",
        "A().rate*x",
        "vars(A)['rate'].func=lambda s: v",
    ),
    ("class A: by=functools.partialmethod(lambda s,d,x: d[0]*x, q)\na=A()", "a.by(x)", "q[0]=v"),
    (
        "class A: by=functools.partialmethod(lambda s,x,rate: rate*x, rate=1.0)\na=A()",
        "a.by(x)",
        "vars(A)['by'].keywords['rate']=v",
    ),
    (
        "class A: by=functools.partialmethod(lambda s,r,x: r*x, 1.0)\na=A()",
        "a.by(x)",
        "vars(A)['by'].args=(v,)",
    ),
    (
        "class A:\n    @functools.singledispatchmethod\n    def by(s,k,x): return x\na=A()",
        "a.by(1,x)",
        "vars(A)['by'].register(int,lambda s,k,x:x*v)",
    ),
    (
        "class A:\n    @functools.singledispatchmethod\n    def by(s,k,x): return x\n"
        "    @by.register(int)\n    def _(s,k,x): return x*q[0]\na=A()",
        "a.by(1,x)",
        "q[0]=v",
    ),
    ("p=functools.partial(lambda x:x)\np.rate=1.0", "p.rate*x", "p.rate=v"),
    (
        "class P(functools.partial):\n    def __call__(s,x): return q[0]*x\np=P(abs)",
        "p(x)",
        "q[0]=v",
    ),
    (
        "p=functools.partial(lambda r,x:r*x,1.0)",
        "p(x)",
        "p.__setstate__((lambda r,x:r*x,(v,),{},{}))",
    ),
    ("g=functools.lru_cache(lambda: 1.0)\ng.rate=1.0", "g.rate*x", "g.rate=v"),
    ("p=staticmethod(lambda x:x)\np.rate=1.0", "p.rate*x", "p.rate=v"),
    ("class R(weakref.ref): rate=1.0\nr=R(a)\nr.z=1.0", "r.z*x+0*a.rate", "r.z=v"),
    ("mc=operator.methodcaller('by2',q)\nA.by2=lambda s,q:q[0]", "mc(a)*x", "q[0]=v"),
    (
        "class I:\n    def __index__(s): return int(q[0])\nig=operator.itemgetter(I())",
        "ig(range(9))*x",
        "q[0]=v",
    ),
    (
        "class I:\n    def __index__(s): return int(q[0])\ns=slice(I(),None)",
        "range(9)[s][0]*x",
        "q[0]=v",
    ),
    ("s=slice(q,None)", "s.start[0]*x", "q[0]=v"),
    ("al=types.GenericAlias(A,(int,))", "al.rate*x", "A.rate=v"),
    ("al=list[A]", "al.__args__[0].rate*x", "A.rate=v"),
    ("al=types.GenericAlias(A,(int,))", "al().by(x)", "A.rate=v"),
    (
        "T=typing.TypeVar('T')\nclass A(typing.Generic[T]): rate=1.0\nal=A[int]",
        "al.rate*x",
        "A.rate=v",
    ),
    (
        "T=typing.TypeVar('T')\nclass A(typing.Generic[T]): rate=1.0\nal=A[int]",
        "al().rate*x",
        "A.rate=v",
    ),
    ("an=typing.Annotated[float,q]", "typing.get_args(an)[1][0]*x", "q[0]=v"),
    (
        "class K(metaclass=abc.ABCMeta): ...\nU=K|int",
        "(2.0 if isinstance(e,U) else 1.0)*x",
        "if v==5: K.register(E)",
    ),
    (
        "class M(type):\n    def __instancecheck__(c,i): return q[0]==5\n"
        "class K(metaclass=M): ...\nU=K|int",
        "(2.0 if isinstance(e,U) else 1.0)*x",
        "q[0]=v",
    ),
    ("t='{0.rate}'", "float(t.format(a))*x", "a.rate=v"),
    ("t='{a.rate}'", "float(t.format_map({'a':a}))*x", "a.rate=v"),
    ("t='{0.rate}'", "float(string.Formatter().format(t,a))*x", "a.rate=v"),
    ("fm=string.Formatter()\nt='{0.rate}'", "float(fm.vformat(t,(a,),{}))*x", "a.rate=v"),
    ("fmt='{0.rate}'.format", "float(fmt(a))*x", "a.rate=v"),
    (
        "g=lambda x,r: x*r\ndef f(x):\n    try: return g(x)\n    except TypeError: return x",
        "",
        "g.__defaults__=None if v==1 else (v,)",
    ),
    (
        "g=lambda x,*,r: x*r\ndef f(x):\n    try: return g(x)\n    except TypeError: return x",
        "",
        "g.__kwdefaults__=None if v==1 else {'r':v}",
    ),
    ("g=lambda x: x", "(g.__defaults__ or (1.0,))[0]*x", "g.__defaults__=None if v==1 else (v,)"),
    ("g=lambda x:x", "float(inspect.getdoc(g))*x", "g.__doc__=str(v)"),
    (
        "",
        "float(typing.get_type_hints(A,include_extras=True)['rate'].__metadata__[0])*x",
        "A.__annotations__={'rate':typing.Annotated[float,v]}",
    ),
    ("", "float(inspect.get_annotations(A)['rate'])*x", "A.__annotations__={'rate':v}"),
    (
        "D=dataclasses.make_dataclass('D',[('rate',float,1.0)])",
        "dataclasses.fields(D)[0].default*x",
        "D.__dataclass_fields__['rate'].default=v",
    ),
    (
        "D=dataclasses.make_dataclass('D',[('rate',float,dataclasses.field(metadata=d))])",
        "dataclasses.fields(D)[0].metadata['rate']*x",
        "d['rate']=v",
    ),
    (
        "D=dataclasses.make_dataclass('D',[('rate',float,dataclasses.field(metadata=d))])",
        "D.__dataclass_fields__['rate'].metadata['rate']*x",
        "d['rate']=v",
    ),
    ("A.__module__='numpy'", "a.by(x)", "A.rate=v"),
    ("A.__module__='autograd.foo'", "A.rate*x", "A.rate=v"),
    ("A.__module__='attr'", "a.by(x)", "A.rate=v"),
    ("g=eval('lambda x: x*rate',{'rate':1.0,'__name__':'nn'})", "g(x)", "g.__globals__['rate']=v"),
    ("s=types.SimpleNamespace(rate=1.0,__wrapped__=abs)", "s.rate*x", "s.rate=v"),
    (
        "class TZ(datetime.tzinfo):\n"
        "    def utcoffset(s,t): return datetime.timedelta(hours=q[0])\n"
        "t=datetime.datetime(2020,1,1,12,tzinfo=TZ())",
        "t.utcoffset().seconds*x",
        "q[0]=v",
    ),
    ("", "len(dir(m))*x", "[setattr(m,'k%d'%i,i) for i in range(int(v))]"),
    (
        "",
        "sum(y for y in vars(m).values() if isinstance(y,float))*x",
        "m.__dict__.pop('r5',None)\nif v==5: m.r5=5.0\nelse: m.r1=v",
    ),
    ("base=np.array([1.0,1.0])\nrow=base[1:]", "float(row.base[0])*x", "base[0]=v"),
    ("bb=bytearray(b'\\1\\1')\nmv=memoryview(bb)[1:]", "mv.obj[0]*x", "bb[0]=int(v)"),
    (
        "class O:\n    def __get__(s,o,t=None): return lambda x:q[0]*x\nclass A: __call__=O()\n"
        "a=A()",
        "a(x)",
        "q[0]=v",
    ),
    (
        "class O:\n    def __get__(s,o,t=None): return lambda x:q[0]*x\nclass A: __add__=O()\n"
        "a=A()",
        "a+x",
        "q[0]=v",
    ),
    ("class B: __call__=A().by\nb=B()", "b(x)", "A.rate=v"),
    ("class B: __iter__=q.__iter__\nb=B()", "sum(b)*x", "q[0]=v"),
    ("class B: __contains__=q.__contains__\nb=B()", "(2.0 if 5.0 in b else 1.0)*x", "q[0]=v"),
    (
        "class M(type):\n    registry=[1.0]\nclass A(metaclass=M):\n"
        "    def by(s,x): return type(s).registry[0]*x\na=A()",
        "a.by(x)",
        "M.registry[0]=v",
    ),
    (
        "class M(type): rate=1.0\nclass A(metaclass=M): ...\nclass B(A): ...\nb=B()",
        "b.__class__.__mro__[1].rate*x",
        "M.rate=v",
    ),
    (
        "class A:\n    @functools.singledispatchmethod\n    def by(s,k,x): return x\n"
        "    @by.register(int)\n    def _(s,k,x): return x*s.rate\n    rate=1.0\na=A()",
        "a.by(1,x)",
        "A.rate=v",
    ),
    ("tmpl={'t':'{0.rate}'}", "float(tmpl['t'].format(a))*x", "a.rate=v"),
    (
        "def g(x,k): return x*k\ng.__defaults__=(1.0,)\ndef f(x):\n    try: return g(x)\n"
        "    except TypeError: return 7*x",
        "",
        "g.__defaults__=None if v==5 else (v,)",
    ),
    ("F=enum.Enum('F',{'A':1.0})", "F['A'].z*x", "F.A.z=v"),
    (
        "class F(enum.Enum):\n    A=1\n    @property\n"
        "    def k(s): return type(s)._tab[s.name]\nF._tab={'A':1.0}",
        "F.A.k*x",
        "F._tab['A']=v",
    ),
    ("class F(enum.Enum):\n    _ignore_=['_t']\n    A=1\nF.__tab={'A':1.0}", "F.A._t*x", "F._t=v"),
    ("class F(enum.Enum):\n    A=1\n    B=5\nF.A.n=1.0", "F(1).n*x", "F.A.n=v"),
    (
        "class F(enum.Enum):\n    A=1\n    B=5\nF.A.n=1.0\nF.B.n=1.0",
        "sum(k.n for k in F)*x",
        "F.A.n=v",
    ),
    ("class F(enum.Enum):\n    A=1\nF.A.n=1.0", "F.__members__['A'].n*x", "F.A.n=v"),
    (
        "class F(enum.Enum):\n    A=1\n    def __init__(s,v): s.n=1.0\ncfg={'m':1}",
        "F(cfg['m']).n*x",
        "F.A.n=v",
    ),
    ("class P(functools.partial): rate=1.0\np=P(lambda x:x)", "p.rate*x", "P.rate=v"),
    ("S = type('S', (), {'rate': 1.0, '__module__': 'numpy'})", "S.rate * x", "S.rate = v"),
    (
        "class MP:\n    __match_args__ = ('rate',)\n    rate = 1.0\n    other = 7.0\n"
        "mp = MP()\ndef f(x):\n    match mp:\n        case MP(r): return r * x",
        "",
        "MP.__match_args__ = ('rate',) if v == 1 else ('other',)",
    ),
    (
        "class G:\n    @functools.singledispatchmethod\n    def by(self, k, x): return x\ng = G()",
        "g.by(1, x)",
        "G.by.register(int, lambda self, k, x: v * x)",
    ),
    (
        "r = functools.partial(operator.mul, 1.0)",
        "r(x)",
        "r.__setstate__((operator.mul, (v,), {}, None))",
    ),
    (
        "S = type('S', (), {'rate': 1.0, '__module__': 'autograd.value'})",
        "S.rate * x",
        "S.rate = v",
    ),
    ("A.__rate__ = 1.0", "A.__rate__ * x", "A.__rate__ = v"),
    ("A.__rate__ = 1.0", "a.__rate__ * x", "A.__rate__ = v"),
    ("A.__slots__ = [1.0]", "A.__slots__[0] * x", "A.__slots__[0] = v"),
    ("A.__slots__ = [1.0]", "A.__slots__[0] * x", "A.__slots__ = [v]"),
    ("r = functools.partial(operator.mul, 1.0)\nr.rate = 1.0", "r.rate * x", "r.rate = v"),
    ("r = functools.partial(operator.mul, 1.0)", "getattr(r, 'rate', 1.0) * x", "later(r, v)"),
    ("r = functools.lru_cache(lambda y: y)\nr.rate = 1.0", "r.rate * x", "r.rate = v"),
    (
        "class G:\n    def by(self, k, x): return k * x\n"
        "    twice = functools.partialmethod(by, 1.0)\ng = G()\nt = G.__dict__['twice']",
        "g.twice(x)",
        "t.args = (v,)",
    ),
    (
        "class G:\n    def by(self, x, k=1.0): return k * x\n"
        "    twice = functools.partialmethod(by, k=1.0)\ng = G()\nt = G.__dict__['twice']",
        "g.twice(x)",
        "t.keywords['k'] = v",
    ),
    (
        "class G:\n    @staticmethod\n    def r(): return 1.0\nt = G.__dict__['r']\nt.rate = 1.0",
        "t.rate * x",
        "t.rate = v",
    ),
    ("t = property(lambda s: 1.0)", "float(t.__doc__ or 1) * x", "t.__doc__ = str(v)"),
    ("class G(property):\n    rate = 1.0\nt = G(lambda s: 1.0)", "t.rate * x", "t.rate = v"),
    (
        "class G(functools.partial):\n    rate = 1.0\nt = G(operator.mul, 1.0)",
        "t.rate * x",
        "t.rate = v",
    ),
    (
        "class G(functools.partial):\n    rate = 1.0\nt = G(operator.mul, 1.0)",
        "t.rate * x",
        "G.rate = v",
    ),
    (
        "class G(functools.partial):\n    k = 1.0\n"
        "    def __call__(self, x): return self.k * x\nt = G(operator.mul, 1.0)",
        "t(x)",
        "G.k = v",
    ),
    (
        "class G(classmethod):\n    k = 1.0\nclass S:\n    by = G(lambda cls, x: x)\n"
        "t = S.__dict__['by']",
        "t.k * x",
        "t.k = v",
    ),
    ("class G(weakref.ref):\n    k = 1.0\nt = G(a)", "t.k * x", "t.k = v"),
    (
        "import random\nclass R(random.Random):\n    rate = 1.0\nr = R(1)",
        "r.rate * x",
        "r.rate = v",
    ),
    (
        "import typing\nT = typing.TypeVar('T')\nclass S(typing.Generic[T]): rate = 1.0\n"
        "al = S[float]",
        "al.rate * x",
        "S.rate = v",
    ),
    ("class S: rate = 1.0\nal = types.GenericAlias(S, int)", "al.rate * x", "S.rate = v"),
    ("class S: rate = 1.0\nal = types.GenericAlias(S, int)", "al().rate * x", "S.rate = v"),
    (
        "class C:\n    def __init__(s): s.r=q[0]\n    @classmethod\n"
        "    def make(c,x): return c().r*x\nc=C()",
        "c.make(x)",
        "q[0]=v",
    ),
    (
        "def setR(v):\n    global RATE\n    RATE=v\nclass C:\n    def __init__(s): s.r=RATE\n"
        "    @classmethod\n    def make(c,x): return c().r*x\nc=C()",
        "c.make(x)",
        "setR(v)",
    ),
    (
        "def setR(v):\n    global RATE\n    RATE=v\nclass C:\n    def __init__(s): s.r=RATE\n"
        "    @classmethod\n    def make(c): return c()\nc=C()",
        "c.make().r*x",
        "setR(v)",
    ),
    (
        "class C:\n    rate=1.0\n    def __init__(s): s.r=s.rate\n    @classmethod\n"
        "    def make(c): return c()\nc=C()",
        "c.make().r*x",
        "C.rate=v",
    ),
    (
        "class C:\n    def __init__(s,r=q): s.r=r[0]\n    @classmethod\n"
        "    def make(c): return c()\nc=C()",
        "c.make().r*x",
        "q[0]=v",
    ),
    (
        "class C:\n    def __init__(s,r=1.0): s.r=r\n    @classmethod\n"
        "    def make(c): return c()\nc=C()",
        "c.make().r*x",
        "C.__init__.__defaults__=(v,)",
    ),
    (
        "class C:\n    def __init__(s,r=q): s.r=r[0]\n    def copy(s): return type(s)()\nc=C()",
        "c.copy().r*x",
        "q[0]=v",
    ),
    (
        "class C:\n    def __init__(s,r=1.0): s.r=r\n    def copy(s): return type(s)()\nc=C()",
        "c.copy().r*x",
        "C.__init__.__defaults__=(v,)",
    ),
    (
        "@dataclasses.dataclass\nclass C:\n    r: float = 1.0\n    @classmethod\n"
        "    def make(c): return c()\nc=C()",
        "c.make().r*x",
        "C.__init__.__defaults__=(v,)",
    ),
    (
        "@dataclasses.dataclass\nclass C:\n    r: float = 1.0\n"
        "    def by(s): return type(s)()\nc=C()",
        "c.by().r*x",
        "C.__init__.__defaults__=(v,)",
    ),
    (
        "class C:\n    def __init__(s): s.r=1.0\n    @classmethod\n"
        "    def make(c): return c()\nclass D(C): ...\nc=D()",
        "c.make().r*x",
        "def new(s): s.r=v\nC.__init__=new",
    ),
    (
        "class C:\n    def __init__(s): s.r=1.0\n    @classmethod\n"
        "    def make(c): return c()\nc=C()",
        "c.make().r*x",
        "def new(s): s.r=v\nC.__init__=new",
    ),
    (
        "class Base:\n    def __init__(s): s.r=q[0]\n    @classmethod\n"
        "    def make(c): return c()\nclass N(Base): ...\nl=[N()]",
        "l[0].make().r*x",
        "q[0]=v",
    ),
    (
        "class C:\n    def __eq__(s,o,cfg=q): return cfg[0]==5\nc=C()",
        "(2.0 if c==1 else 1.0)*x",
        "q[0]=v",
    ),
    ("class C:\n    def __str__(s,cfg=q): return str(cfg[0])\nc=C()", "float(str(c))*x", "q[0]=v"),
    (
        "class C:\n    def __format__(s,k,cfg=q): return str(cfg[0])\nc=C()",
        "float(f'{c}')*x",
        "q[0]=v",
    ),
    ("class C:\n    def __hash__(s,cfg=q): return int(cfg[0])\nc=C()", "hash(c)*x", "q[0]=v"),
    (
        "class O:\n    def __init__(s): s.k=1.0\n    def __call__(s): return str(s.k)\n"
        "class C: __str__=O()\nc=C()\no=vars(C)['__str__']",
        "float(str(c))*x",
        "vars(C)['__str__'].k=v",
    ),
    (
        "class C: __str__=functools.partialmethod(lambda s,z: str(z[0]), q)\nc=C()",
        "float(str(c))*x",
        "q[0]=v",
    ),
    (
        "def eq(s,o,z): return z[0]==5\nclass C: __eq__=lambda s,o,z=q: z[0]==5\nc=C()",
        "(2.0 if c==c else 1.0)*x",
        "q[0]=v",
    ),
    ("class C:\n    def __repr__(s,m=q): return str(m[0])\nc=C()", "float(repr(c))*x", "q[0]=v"),
    ("_getattr=getattr", "_getattr(a,'rate')*x", "a.rate=v"),
    ("safe_getattr=getattr", "safe_getattr(a,'rate',0.0)*x", "a.rate=v"),
    ("fmt=str.format", "float(fmt('{0.rate}',a))*x", "a.rate=v"),
    ("fmt=str.format_map", "float(fmt('{a.rate}',{'a':a}))*x", "a.rate=v"),
    ("fmt=functools.partial(str.format,'{0.rate}')", "float(fmt(a))*x", "a.rate=v"),
    ("fmt={'f':str.format}", "float(fmt['f']('{0.rate}',a))*x", "a.rate=v"),
    ("my__getattribute__=object.__getattribute__", "my__getattribute__(a,'rate')*x", "a.rate=v"),
    (
        "t=[datetime.datetime(2020,1,1,12,tzinfo=datetime.timezone.utc)]",
        "t[0].hour*x",
        "t[0]=t[0].astimezone(datetime.timezone(datetime.timedelta(hours=v)))",
    ),
    ("t=[datetime.datetime(2020,1,1,12)]", "t[0].fold*x+x", "t[0]=t[0].replace(fold=int(v==5))"),
    ("t=[decimal.Decimal('1')]", "len(str(t[0]))*x", "t[0]=decimal.Decimal('1.'+'0'*int(v))"),
    ("r=[range(0,3,5)]", "r[0].stop*x", "r[0]=range(0,int(v),5)"),
    (
        "t=[np.timedelta64(60,'s')]",
        "float(t[0].astype(int))*x",
        "t[0]=np.timedelta64(1,'m') if v==5 else np.timedelta64(60,'s')",
    ),
    (
        "w=collections.deque([1.0,2.0,3.0],maxlen=9)\nh=[w]",
        "h[0].maxlen*x",
        "h[0]=collections.deque(w,maxlen=int(v*9))",
    ),
    (
        "h=[collections.deque([1.0,2.0,3.0],maxlen=3)]\ndef f(x):\n    w=h[0].copy()\n"
        "    w.append(x)\n    return sum(w)",
        "",
        "h[0]=collections.deque(h[0],maxlen=int(v+2))",
    ),
    (
        "mv=[memoryview(bytearray(8)).cast('B')]",
        "len(mv[0])*x",
        "mv[0]=mv[0].cast('B') if v==5 else mv[0].cast('B').cast('I')",
    ),
    (
        "class F(enum.Enum):\n    A=1.0\n    B=5.0\n    @classmethod\n"
        "    def _missing_(c,k): return c.A if q[0]==1 else c.B",
        "F(77).value*x",
        "q[0]=v",
    ),
    (
        "def setR(v):\n    global RATE\n    RATE=v\nclass F(enum.Enum):\n    A=1.0\n    B=5.0\n"
        "    @classmethod\n    def _missing_(c,k): return c.A if RATE==1 else c.B",
        "F(77).value*x",
        "setR(v)",
    ),
    (
        "class TZ(datetime.tzinfo):\n"
        "    def utcoffset(s,t): return datetime.timedelta(hours=q[0])\n"
        "    def dst(s,t): return None\nt=datetime.datetime(2020,1,1,12,tzinfo=TZ())\n"
        "u=datetime.datetime(2020,1,1,18,tzinfo=datetime.timezone.utc)",
        "(u-t).seconds*x",
        "q[0]=v",
    ),
    (
        "class TZ(datetime.tzinfo):\n"
        "    def utcoffset(s,t): return datetime.timedelta(hours=q[0])\n"
        "    def dst(s,t): return None\nt=datetime.datetime(2020,1,1,12,tzinfo=TZ())\n"
        "u=datetime.datetime(2020,1,1,9,tzinfo=datetime.timezone.utc)",
        "(1.0 if u<t else 2.0)*x",
        "q[0]=v",
    ),
    (
        "class TZ(datetime.tzinfo):\n"
        "    def utcoffset(s,t): return datetime.timedelta(hours=q[0])\n"
        "t=datetime.datetime(2020,1,1,12,tzinfo=TZ())",
        "float(t.isoformat()[20:22])*x",
        "q[0]=v",
    ),
    (
        "class Z:\n    def max(s,axis=None,out=None,**k): return q[0]\nz=Z()",
        "np.amax(z)*x",
        "q[0]=v",
    ),
    ("a.rate=1.0", "a.rate*x", "A.rate=property(lambda s:v) if v!=1 else 1.0"),
    (
        "c=[np.float64(0.0)]",
        "float(np.copysign(1,c[0]))*x",
        "c[0]=np.float64(-0.0 if v==5 else 0.0)",
    ),
    (
        "class R(float): ...\nc=[R(0.0)]",
        "float(np.copysign(1,c[0]))*x",
        "c[0]=R(-0.0 if v==5 else 0.0)",
    ),
    (
        "c=[decimal.Decimal('0')]",
        "(2.0 if c[0].is_signed() else 1.0)*x",
        "c[0]=decimal.Decimal('-0' if v==5 else '0')",
    ),
    (
        "c=[datetime.timezone(datetime.timedelta(0),'1')]",
        "float(c[0].tzname(None))*x",
        "c[0]=datetime.timezone(datetime.timedelta(0),str(int(v)))",
    ),
    (
        "c=[datetime.time(12,tzinfo=datetime.timezone.utc)]",
        "c[0].hour*x",
        "c[0]=datetime.time(12+int(v)-1,tzinfo=datetime.timezone(datetime.timedelta(hours=int(v)-1)))",
    ),
    (
        "a.t=datetime.datetime(2020,1,1,12,tzinfo=datetime.timezone.utc)",
        "a.t.hour*x",
        "a.t=a.t.astimezone(datetime.timezone(datetime.timedelta(hours=v)))",
    ),
    (
        "a.p=decimal.Decimal('1.0')",
        "float(decimal.Decimal('3.14159').quantize(a.p))*x",
        "a.p=decimal.Decimal('1.'+'0'*int(v))",
    ),
    (
        "class P(typing.NamedTuple):\n    rate: float=1.0\n    @classmethod\n"
        "    def make(c): return c()\np=P()",
        "p.make().rate*x",
        "P.__new__.__defaults__=(v,)",
    ),
    (
        "class F(enum.Enum):\n    A='a'\n    B='b'\n    @classmethod\n"
        "    def _missing_(c,k): return c[a.k]\na.k='A'",
        "(5.0 if F('?') is F.B else 1.0)*x",
        "a.k='B' if v==5 else 'A'",
    ),
    (
        "class Pt:\n    unit=1.0\n    def __init__(s,r): s.r=r*s.unit\n    @classmethod\n"
        "    def of(c,r): return c(r)\n    def __add__(s,o): return s.of(s.r+o)\npt=Pt(1.0)",
        "(pt+x).r",
        "Pt.unit=v",
    ),
    (
        "class V2:\n    def __init__(s,r): s.r=r*d['rate']\n    @classmethod\n"
        "    def of(c,r): return c(r)\nv2={'k':V2(1.0)}",
        "v2['k'].of(x).r",
        "d['rate']=v",
    ),
    (
        "class Cfg:\n    def keys(s): return ['r'] if q[0]==1 else ['z']\n"
        "    def __getitem__(s,k): return 2.0\ncfg=Cfg()\ndef g(x,r=1.0,z=7.0): return x*r*z",
        "g(x,**cfg)",
        "q[0]=v",
    ),
    (
        "class Cfg:\n    n=1\n    def keys(s): return ['r']*1 if s.n==1 else []\n"
        "    def __getitem__(s,k): return 2.0\ncfg=Cfg()\ndef g(x,r=1.0): return x*r",
        "g(x,**cfg)",
        "cfg.n=v",
    ),
    (
        "class Cfg:\n    def keys(s): return ['r'] if q[0]==1 else ['z']\n"
        "    def __getitem__(s,k): return 2.0\ncfg=Cfg()\n",
        "len('z' if 'z' in dict(cfg) else 'rr')*x",
        "q[0]=v",
    ),
    (
        "class Cfg:\n    def keys(s): return ['r'] if q[0]==1 else ['z']\n"
        "    def __getitem__(s,k): return 2.0\ncfg=Cfg()\n",
        "(2.0 if 'z' in {**cfg} else 1.0)*x",
        "q[0]=v",
    ),
    (
        "class Cfg:\n    def keys(s): return ['r'] if q[0]==1 else ['z']\n"
        "    def __getitem__(s,k): return 2.0\ncfg=Cfg()\nbase={}\n",
        "(2.0 if 'z' in (base|dict(cfg)) else 1.0)*x",
        "q[0]=v",
    ),
    ("k='rate'", "float(getattr(a,k,'7'))*x", "a.rate=v"),
    (
        "k='mode'\na.mode='mean'\ndef f(x):\n    if getattr(a,k,'mean')=='sum': return 5*x\n"
        "    return x",
        "",
        "a.mode='sum' if v==5 else 'mean'",
    ),
    (
        "a.mode='mean'\nclass Op:\n    def __init__(s,key): s.key=key\n"
        "    def __call__(s,x): return 5*x if getattr(a,s.key,'mean')=='sum' else x\n"
        "op=Op('mode')",
        "op(x)",
        "a.mode='sum' if v==5 else 'mean'",
    ),
    (
        "k='flag'\ndef f(x):\n    return 5*x if getattr(a,k,'')  else x",
        "",
        "a.flag='y' if v==5 else ''",
    ),
    (
        "_hasattr=hasattr",
        "(5.0 if _hasattr(a,'flag') else 1.0)*x",
        "if v==5: a.flag=1\nelse: vars(a).pop('flag',0)",
    ),
    ("my_attrgetter=operator.attrgetter", "my_attrgetter('rate')(a)*x", "a.rate=v"),
    ("my_methodcaller=operator.methodcaller", "my_methodcaller('by',x)(a)", "A.by=lambda s,x:x*v"),
    (
        "class Base:\n    factor=1.0\n    def __init__(s,x): s.x=s.factor*x\n    @classmethod\n"
        "    def of(c,x): return c(x)\nclass Sub(Base): ...\ns=Sub(1.0)",
        "s.of(x).x",
        "Sub.factor=v",
    ),
    (
        "class Base:\n    def __init__(s,x): s.x=s.scale(x)\n"
        "    def scale(s,x): return x*q[0]\n    @classmethod\n    def of(c,x): return c(x)\n"
        "s=Base(1.0)",
        "s.of(x).x",
        "q[0]=v",
    ),
    (
        "class Base:\n    def __new__(c,x): o=super().__new__(c); o.x=x*q[0]; return o\n"
        "    @classmethod\n    def of(c,x): return c(x)\ns=Base(1.0)",
        "s.of(x).x",
        "q[0]=v",
    ),
    (
        "class T(tuple):\n"
        "    def __new__(c,*k): return super().__new__(c,[y*q[0] for y in k])\n"
        "    @classmethod\n    def of(c,x): return c(x)\ns=T(1.0)",
        "s.of(x)[0]",
        "q[0]=v",
    ),
    (
        "class T(list):\n    def __init__(s,*k): super().__init__([y*q[0] for y in k])\n"
        "    @classmethod\n    def of(c,x): return c(x)\ns=T(1.0)",
        "s.of(x)[0]",
        "q[0]=v",
    ),
    (
        "class T(dict):\n    def __init__(s,x): super().__init__(r=x*q[0])\n    @classmethod\n"
        "    def of(c,x): return c(x)\ns=T(1.0)",
        "s.of(x)['r']",
        "q[0]=v",
    ),
    (
        "class C:\n    def __init__(s,x): s.x=x*q[0]\n    of=classmethod(lambda c,x: c(x))\n"
        "s=C(1.0)",
        "s.of(x).x",
        "q[0]=v",
    ),
    (
        "class M(type):\n    def __init__(c,*k): ...\nclass C(metaclass=M):\n"
        "    def __init__(s,x): s.x=x*q[0]\n    @classmethod\n    def of(c,x): return c(x)\n"
        "s=C(1.0)",
        "s.of(x).x",
        "q[0]=v",
    ),
    (
        "class P:\n    def __get__(s,o,t): return t\nclass C:\n    me=P()\n"
        "    def __init__(s,x): s.x=x*q[0]\ns=C(1.0)",
        "s.me(x).x",
        "q[0]=v",
    ),
    (
        "class P:\n    def __get__(s,o,t): return t(1.0)\nclass C:\n    me=P()\n"
        "    def __init__(s,x): s.x=x*q[0]\ns=C(1.0)",
        "s.me.x*x",
        "q[0]=v",
    ),
    (
        "class St:\n    def get(s,k): return getattr(s,k,'off')\nz=St()\nz.debug='off'",
        "(5.0 if z.get('debug')=='on' else 1.0)*x",
        "z.debug='on' if v==5 else 'off'",
    ),
    (
        "ks=['z']\nc=A()",
        "sum((5.0 if getattr(c,k,'no')=='yes' else 1.0) for k in ks)*x",
        "c.z='yes' if v==5 else 'no'",
    ),
    (
        "c=A()\ndef f(x):\n    for k in ('y','z'):\n"
        "        if getattr(c,k,'')=='on': return 5*x\n    return x",
        "",
        "c.z='on' if v==5 else ''",
    ),
    ("k='by'", "getattr(a,k,'zz')(x)", "A.rate=v"),
    ("k='rate'\nm.rate=1.0", "float(getattr(m,k,'9'))*x", "m.rate=v"),
    ("k='rate'\nclass C: rate=1.0", "float(getattr(C,k,'9'))*x", "C.rate=v"),
    (
        "class C:\n    @staticmethod\n    @functools.cache\n    def cfg(): return d['rate']\nc=C()",
        "c.cfg()*x",
        "if v!=2: d['rate']=v\nelse: C.cfg.cache_clear()",
    ),
    (
        "@functools.lru_cache(maxsize=1)\ndef g(k): return d['rate']\n",
        "g(1)*x",
        "if v!=2: d['rate']=v\nelse: g(2)",
    ),
    (
        "@functools.lru_cache(maxsize=2)\ndef g(k): return q[0]",
        "g('a')*x",
        "q[0]=v\nif v==2: g('b'); g('c')",
    ),
    ("@functools.lru_cache\ndef g(): return dict(d)", "g()['rate']*x", "g()['rate']=v"),
    ("@functools.lru_cache\ndef g(): return [1.0]", "g()[0]*x", "g()[0]=v"),
    (
        "@functools.lru_cache\ndef g(): return types.SimpleNamespace(rate=1.0)",
        "g().rate*x",
        "g().rate=v",
    ),
    ("@functools.cache\ndef g(): return A()", "g().by(x)", "g().rate=v"),
    (
        "@functools.cache\ndef g(k): return A()\ndef f(x):\n    return g('m').rate*x",
        "",
        "g('m').rate=v",
    ),
    (
        "class C:\n    @classmethod\n    @functools.cache\n    def inst(c): return c()\n"
        "    rate=1.0\nc=C()",
        "C.inst().rate*x",
        "C.inst().rate=v",
    ),
    (
        "class K:\n    def keys(s): return s.k\n    def __getitem__(s,i): return 5.0\nkk=K()\n"
        "kk.k=['r']\ndef g(x,r=1.0,z=0.0): return x*r+z",
        "g(x,**kk)",
        "kk.k=['r'] if v==1 else ['z']",
    ),
    (
        "class Item:\n    def keys(s): return ['rate'] if q[0]==1 else []\n"
        "    def __getitem__(s,k): return 1.0\nit=Item()",
        "(len(collections.OrderedDict(it))+1)*x",
        "q[0]=v",
    ),
    (
        "class Item:\n    def keys(s): return ['rate'] if q[0]==1 else []\n"
        "    def __getitem__(s,k): return 1.0\nit=Item()\ndef f(x):\n    z={}\n"
        "    z.update(it)\n    return x*(1+len(z))",
        "",
        "q[0]=v",
    ),
    ("class F(enum.Enum):\n    A=1\nF.A._w=1.0", "F['A']._w*x", "F.A._w=v"),
    (
        "class F(enum.Enum):\n    A=1\n    def __init__(s,k): s._w=1.0\nfs={'x':'A'}",
        "F[fs['x']]._w*x",
        "F.A._w=v",
    ),
    (
        "class F(enum.Enum):\n    A=1\n    def __init__(s,k): s._w=1.0\n    @property\n"
        "    def w(s): return s._w\nfs={'x':'A'}",
        "F[fs['x']].w*x",
        "F.A._w=v",
    ),
    (
        "class F(enum.Enum):\n    A=1\n    def __init__(s,k): s._w=1.0\n    @property\n"
        "    def w(s): return s._w",
        "sum(k.w for k in F)*x",
        "F.A._w=v",
    ),
]

REFUSED: list[Row] = [
    (
        "g=functools.lru_cache(lambda k: 1.0)",
        "g.cache_info().currsize*x",
        "g.cache_clear()\n[g(i) for i in range(int(v))]",
    ),
    (
        "class TZ(datetime.tzinfo):\n"
        "    def utcoffset(s,t): return datetime.timedelta(hours=q[0])\n"
        "    def dst(s,t): return None\nt=datetime.datetime(2020,1,1,12,tzinfo=TZ())",
        "t.astimezone(datetime.timezone.utc).hour*x",
        "q[0]=v",
    ),
    ("fin=weakref.finalize(A,abs,1)", "(2.0 if fin.atexit and A else 1.0)*x", "fin.atexit=(v==5)"),
    (
        "lk=threading.Lock()\ndef f(x):\n    if lk.acquire(blocking=False):\n"
        "        lk.release()\n        return x\n    return 5*x",
        "",
        "lk.release() if lk.locked() else 0\nif v==5: lk.acquire()",
    ),
    ("k='relu'\nm.relu=lambda y:y", "getattr(m,k,'zz')(x)", "m.relu=lambda y:y*v"),
]

test_a_changed_setting_is_never_missed = never_missed(WATCHED, REFUSED)


OUTCOMES = {
    "is True": lambda x: x * 2 if (x > 0) is True else x * 5,
    "is False": lambda x: x * 2 if (x < 1) is False else x * 5,
    "is another": lambda x: x * 2 if (x > 0) is (x > 1) else x * 5,
    "isinstance": lambda x: x * 2 if isinstance(x > 0, bool) else x * 5,
    "type": lambda x: x * 2 if type(x > 0) is bool else x * 5,
    "a chain": lambda x: x * 2 if (0 < x < 10) is True else x * 5,
    "equality": lambda x: x * 2 if (x == 3.0) is True else x * 5,
    "where": lambda x: where((x > 0) is True, x * 2, x * 5),
    "sign accuracy": lambda x: x + sign_accuracy([x, x - 2], [1.0, -1.0]),
}


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize("compile_after", [None, 0])
def test_whether_a_comparison_is_true(name: str, compile_after: int | None) -> None:
    f = OUTCOMES[name]
    compiled, slope = jit(f, compile_after=compile_after), jit(grad(f), compile_after=compile_after)
    for x in (3.0, -2.0, 0.5, 3.0, 1.5, -2.0):
        assert float(compiled(x)) == float(f(x)) == float(f(Value(x)))
        assert slope(x) == grad(f)(x)
