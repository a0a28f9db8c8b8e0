"""Settings in containers, arrays, views and objects of C code: watched, or refused."""

from __future__ import annotations

from fractions import Fraction

from jit_settings import Row, never_missed

WATCHED: list[Row] = [
    # Python's containers
    ("", "d['rate'] * x", "d['rate'] = v"),
    ("d['mode'] = 'a'", "x if d['mode'] == 'a' else 5 * x", "d['mode'] = 'ab'[v == 5.0]"),
    ("d = [q, q]", "d[1][0] * x", "q[0] = v"),
    ("q = collections.deque([1.0])", "q[0] * x", "q[0] = v"),
    ("d = collections.UserDict(rate=1.0)", "d['rate'] * x", "d['rate'] = v"),
    ("q = collections.UserList([1.0])", "q[0] * x", "q[0] = v"),
    ("c = collections.ChainMap({}, d)", "c['rate'] * x", "(c if v == 5.0 else d)['rate'] = v"),
    ("d = collections.OrderedDict(rate=1.0)", "d['rate'] * x", "d['rate'] = v"),
    (
        "",
        "next(iter(d.values())) * x",
        "d.clear()\nd.update({1: 1.0, 2: 2.0} if v == 1.0 else {2: 2.0, 1: 1.0})",
    ),
    (
        "",
        "(2.0 if isinstance(next(iter(d)), int) else 1.0) * x",
        "d.clear()\nd[v if v == 5.0 else int(v)] = object",
    ),
    (
        "d = collections.defaultdict(lambda: 1.0)",
        "d['rate'] * x",
        "d.clear()\nd['rate'] = v",
    ),
    ("d = collections.Counter(rate=1)", "d['rate'] * x", "d.update({'rate': 1})"),
    ("q = array.array('d', [1.0])", "q[0] * x", "q[0] = v"),
    ("q = bytearray(b'\\1')", "q[0] * x", "q[0] = int(v)"),
    ("q = bytearray(b'\\1')\nview = memoryview(q)", "view[0] * x", "q[0] = int(v)"),
    ("q = {1.0}", "sum(q) * x", "q.clear()\nq.add(v)"),
    ("q = {a}", "sum([y.rate for y in q]) * x", "a.rate = v"),
    ("d = {a: 1.0}", "sum([k.rate * y for k, y in d.items()]) * x", "a.rate = v"),
    ("p = types.MappingProxyType(d)", "p['rate'] * x", "d['rate'] = v"),
    ("p = d.values()", "sum(p) * x", "d['rate'] = v"),
    ("q = [Fraction(1)]", "float(q[0]) * x", "q[0] = Fraction(v)"),
    ("q = [range(1)]", "sum([1.0 for _ in q[0]]) * x", "q[0] = range(int(v))"),
    # weak references
    ("r = weakref.ref(a)", "r().rate * x + (a.rate - a.rate)", "a.rate = v"),
    ("r = weakref.WeakValueDictionary(a=a)", "r['a'].rate * x + 0 * a.rate", "a.rate = v"),
    ("r = weakref.WeakSet([a])", "sum(k.rate for k in r) * x + 0 * a.rate", "a.rate = v"),
    ("r = weakref.WeakKeyDictionary({a: 1.0})", "r[a] * x", "r[a] = v"),
    # subclasses, also of classes whose code reads more than it is asked for by name
    ("class D(collections.UserDict): ...\nd = D(rate=1.0)", "d['rate'] * x", "d['rate'] = v"),
    ("class D(collections.UserDict): ...\nd = D(rate=1.0)", "d.get('rate') * x", "d['rate'] = v"),
    ("class L(collections.UserList): ...\nq = L([1.0])", "q[0] * x", "q[0] = v"),
    ("class C(collections.ChainMap): ...\nd = C({'rate': 1.0})", "d['rate'] * x", "d['rate'] = v"),
    ("class N(statistics.NormalDist): ...\nq[0] = N(1.0)", "q[0].mean * x", "q[0] = N(v)"),
    (
        "class T(string.Template): ...\nt = T('1')",
        "float(t.substitute()) * x",
        "t.template = str(v)",
    ),
    (
        "class G(contextlib.nullcontext): ...\ng = G(1.0)\n"
        "def f(x):\n    with g as rate: return rate * x",
        "",
        "g.enter_result = v",
    ),
    (
        "class L(list):\n    scale = 1.0\n"
        "    def __getitem__(self, i): return self.scale * list.__getitem__(self, i)\nq = L([1.0])",
        "q[0] * x",
        "q.scale = v\nlist.__setitem__(q, 0, v)",
    ),
    (
        "class D(dict):\n    __len__ = __iter__ = fails\n"
        "    def __getitem__(self, i): return 2 * dict.__getitem__(self, i)\nd = D(rate=1.0)",
        "d['rate'] * x",
        "d['rate'] = v",
    ),
    (
        "class T(tuple):\n    def by(self): return self.rate * self[0]\nq = T([1.0])",
        "q.by() * x",
        "q.rate = v",
    ),
    ("class F(float): ...\nq = F(1.0)", "q.rate * x", "q.rate = v"),
    # NumPy
    ("q = np.array([1.0, 2.0])", "float(q[0]) * x", "q[0] = v"),
    ("q = np.array([[1.0, 2.0]])\nrow = q[0]", "float(row[0]) * x", "q[0, 0] = v"),
    ("q = np.array(1.0)", "float(q) * x", "q[()] = v"),
    ("q = np.array([Value(1.0), Value(2.0)])", "(q * x).sum()", "q[1] = Value(v)"),
    ("q = np.array([1.0, None], dtype=object)", "q[0] * x", "q[0] = v"),
    ("q = np.zeros(1, dtype=[('rate', float)])", "float(q['rate'][0]) * x", "q['rate'][0] = v"),
    ("q = np.rec.array([(1.0,)], dtype=[('z', float)])", "float(q.z[0]) * x", "q.z[0] = v"),
    ("q[0] = np.float32(1.0)", "float(q[0]) * x", "q[0] = np.float32(v)"),
    ("p = np.poly1d([1.0])", "float(p.coeffs[0]) * x", "p.coeffs[0] = v"),
    ("g = np.vectorize(lambda y: y * q[0])", "float(g(1.0)) * x", "q[0] = v"),
    (
        "q = np.ma.array([1.0, 2.0], mask=[False, False])",
        "float(q.sum()) * x",
        "q.mask = [v == 5.0, False]",
    ),
]
REFUSED: list[Row] = [
    ("q.append(q)", "q[1][0] * x", "q[0] = v"),
    (
        "d = collections.defaultdict(lambda: 1.0)",
        "d['rate'] * x",
        "d.clear()\nif v == 5.0: d['rate'] = v",
    ),
    ("r = weakref.proxy(a)", "r.rate * x + 0 * a.rate", "a.rate = v"),
    (
        "q = np.zeros(1, dtype=[('z', object)])\nq['z'][0] = [1.0]",
        "q['z'][0][0] * x",
        "q['z'][0][0] = v",
    ),
    ("g = np.frompyfunc(lambda y: y * q[0], 1, 1)", "float(g(1.0)) * x", "q[0] = v"),
    (
        "class S(ctypes.Structure): _fields_ = [('z', ctypes.c_double)]\ns = S()",
        "s.z * x",
        "s.z = v",
    ),
    ("s = ctypes.c_double(1.0)", "s.value * x", "s.value = v"),
    ("s = io.BytesIO(b'1')", "s.getvalue()[0] * x", "s.seek(0)\ns.write(bytes([int(v)]))"),
    ("q[0] = itertools.cycle([1.0])", "next(q[0]) * x", "q[0] = itertools.cycle([v])"),
    ("it = itertools.count(1)", "0 * next(it) + x", ""),
    ("it = (y for y in itertools.repeat(q) for y in y)", "next(it) * x", "q[0] = v"),
]

test_a_changed_setting_is_never_missed = never_missed(WATCHED, REFUSED, Fraction=Fraction)
