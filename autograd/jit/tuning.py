"""Every threshold of the compiler: what it balances, and how to measure it again.

Most were found by trying a few values and keeping the fastest. The comment over a group names the
command that shows the difference: run it with the old number and the new one, in turn.
"""

# The choice of a backend (`choose`), in nanoseconds. Measure: python -m benchmarks --only xor
# --only rosenbrock --only chain --only samples --only width (a few numbers; one long chain; ever
# broader programs), with the backend chosen by hand
CALL = {"python": 0.0, "numpy": 5000.0, "native": 1000.0}  # of the compiled program; machine code:
# 250, and a share of the 75 ms that loading LLVM and NumPy takes
SINGLE = {"python": 8.0, "numpy": 250.0, "native": 1.0}  # for each operand of a single operation
ARRAY = {"numpy": 1000.0, "native": 10.0}  # an array operation, the numbers aside
NUMBER = {"numpy": 1.0, "native": 0.5}  # each number that it reads
BLOCK = 4000.0  # a random draw in Python (timeit: `random.uniform(key)`)
READ = {"python": 16.0, "numpy": 15.0, "native": 1.0}  # each input, in a list
LISTS_READ = 800.0  # where machine code makes arrays of them
COMPILED_SINGLE = 50_000.0  # by LLVM, for each operand
COMPILED_ARRAY = 1_500_000.0
EXPECTED_TURNS = 10  # of a loop with a condition
EXPECTED_CALLS = 100_000  # of a compiled program, which share the cost of compiling

# The first runs (`backends.Target`). Interpreting a node takes about 0.4 us, compiling it 20 to
# 100 us. Measure: python -m benchmarks --only compile
INTERPRETED_RUNS = 4  # of a program, until it is compiled
MOST_INTERPRETED = 1_000_000  # operations of a run, turn by turn: more take longer than compiling
COMPILED_AT_ONCE = 100  # inputs and operations; Python compiles so few in a few milliseconds

# Calls (`api`, `calls`). Chosen: they bound memory and waiting, and no benchmark comes near them.
MOST_STRUCTURES = 256  # structures of arguments for which compiled code is kept
MOST_VARIANTS = 8  # specialisations of one function, or its derivative
MOST_OBJECTS = 20_000  # that are followed from a function before it is refused
MOST_TRACES = 50  # made again because a trace came to code that was not known before
MOST_WAITS = 8  # traces that may find a cache that is to be filled first
MOST_DISTURBED = 2  # traces in a row in which other threads may have changed something
LONGEST_TURN = 1.0  # seconds that they wait for the next one
MOST_PIECES = 100  # of a structure for which a reader is written
FEW_FAILURES = 3  # in a row, after which it is worth compiling what does not fail
LONGEST_REST = 1000  # calls that go by before the next try, after many failures in a row
MOST_UNSERVED = 16  # calls in a row that compiled code could not serve, until it is given up

# Numbers in and out. Measure: python -m benchmarks --only xor --only rosenbrock --only hessian
FEW_SINGLES = 4  # that are taken out of an array one by one
LEAST_ARRAY = 32  # numbers in a list that become an array at once, where machine code runs
SINGLES_IN_AND_OUT = 300  # that machine code is handed one by one rather than in arrays
MOST_WITHOUT_THREADS = 10_000  # numbers that it computes at once while Python's lock is held
LINES_KEPT_APART = 2000  # of Python, inputs and outputs included, that are kept in their parts

# Sums (`programs.reassociate`). Measure: python -m benchmarks --only rosenbrock
MANY_SUBTRACTED = 4  # subtractions in a chain, from which on it is a difference of two sums

# Loops (`tracing.tape`, `native.loop_writer`). Measure: python -m benchmarks --only mapped
LEAST_MAPPED = 64  # rows of `vmap` that are traced as one
MOST_WRITTEN_OUT = 200_000  # operations of all turns, which become arrays; more stay a loop
MOST_WITHOUT_LLVM = 2_000_000  # the same where a loop would run in Python, and arrays in NumPy
LEAST_COPIED = 16  # numbers at one stride that are copied by a loop
LEAST_WIDE = 4  # registers that the turns of a loop fill, if they are computed together

# Loops that are recovered from a trace (`programs.roll`). Measure: python -m benchmarks programs,
# python -m benchmarks growth
LEAST_ROLLED = 2000  # operations of all turns; fewer compile fast enough as they are
LEAST_TURN = 8  # operations; below, what a turn reads and leaves costs more than it saves
LEAST_BY_MACHINE = 2_000_000  # of all turns: what a trace computes of fewer, Python does as soon
LARGE_PART = 0.5  # of the program, that the turns are
MOST_ALIKE = 3.0  # operations of a turn, on average; more are faster as arrays
LONG_SEQUENCE = 60_000  # operations of all turns; to make arrays of more takes seconds
MOST_ALIKE_IF_LONG = 100.0  # the same for these: a loop is slower, and compiled at once

# Groups, and arrays made of them (`arrays`). Measure: python -m benchmarks --only gpt --only digits
LARGE_GROUP = 1500  # operands; larger groups are not put together with others
NEAR_IN_HEIGHT = 8  # groups this close in distance from the end are put together
MANY_ALIKE = 5  # where fewer are alike only those with operands in common are put together
SMALL_DOTS = 600  # operands; dots of fewer are multiplied together with others
MOST_AXES = 5  # of a view
COMPLETIONS = 4  # rounds: one padding may enable another
FEW_NODES = 2  # sums and the like, computed one by one: that is faster than an array operation
FEW_ELEMENTWISE = 3  # the same for operations of one to three operands
FEW_SCATTERED = 4  # the same where operands would have to be gathered first
FEW_OPERANDS = 16  # the same for nodes of any number of operands
GATHERED_A_CALL = 1000  # numbers gathered in the time of one more array operation
TAKEN_A_STRETCH = 200  # numbers taken one by one in the time in which a span is copied
IN_CACHE = 2**14  # numbers of an array that stays in the cache
THREADED = 2**16  # multiplications from which on BLAS may use threads

# Text (`python`, `arrays.source`). Chosen for readers, and for the memory of Python's parser:
# python -m pytest tests/jit/test_size.py
LINE = 88  # characters, about
LIST_PRINTED = 12  # numbers of an array that are printed
MOST_DIGITS = 8  # of a constant that is called after its number
MOST_LINES = 200_000  # of one function; longer code is cut
LINES_OF_CHUNK = 10_000  # about, where it is cut
UNPACKED_TOGETHER = 20  # numbers taken out of a list in one statement
FEWEST_OF_SPAN = 4  # inputs that are a row of a loop, for it to be a slice of the inputs
SUSPECTS_TOGETHER = 50  # that are looked at in one sum

# Machine code (`native`). Measure: python -m benchmarks --only digits --only gpt (a step), and
# `stats["seconds"]["lower"]` (where LLVM's time is)
LINES_AT_FULL_SPEED = 10_000  # of LLVM's language; more are first compiled in a third of the time
QUICK_RUNS = 100  # of such code, until it is compiled for speed
QUICK_OPERATIONS = 3 * 10**9  # of loops, which take quick code as much longer as that takes LLVM
LINES_OF_LOOPS = 20_000  # one function: LLVM takes seconds for twice that, and minutes for more
FEW_ARRAYS = 100  # array operations: with fewer it is nearly as fast, and runs EXPECTED_CALLS
LINES_OF_FUNCTION = 2000  # of LLVM's language, from which on code goes on in another function
SINGLES_OF_FUNCTION = 100  # single numbers written into one function
UNROLLED_READS = 16  # numbers that an array operation reads, up to which it is unrolled
UNROLLED_RESULTS = 7  # of an elementwise one: eight fill a register or two
MOST_FACTORS = 4  # of a power that is a product
SPARE_REGISTERS = 8  # left to what is loaded
MOST_STRIPS = 4  # of a block of a matrix product
MOST_TURNS = 10**7  # of a loop with a condition; then Python goes on, which can be interrupted
MOST_LEFT = 10_000  # turns of such a loop that leave something for a derivative
FEW_STRETCHES = 8  # of numbers that are copied stretch by stretch
MOST_UNROLLED_STRIPS = 4  # written one after the other rather than as a loop

# Machine code on the disk (`native.object_cache`). Chosen: some thousand programs.
MOST_BYTES_KEPT = 200 * 2**20
