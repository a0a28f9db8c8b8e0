"""The machine code that reads and makes Python's objects, in LLVM's language (`object_calls`)."""

CODE = """
declare ptr @PyTuple_New(i64)
declare ptr @PyFloat_FromDouble(double)
declare ptr @PyBool_FromLong(i64)
declare void @Py_DecRef(ptr)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)

; Whether these are the arguments that the table says; their numbers are then in the buffer. In the
; table are the classes of floats and of arrays, the type of numbers of arrays, how many arguments
; and outputs there are, the function, its buffer, where the outputs are, where in a tuple the items
; are, and for each argument how many numbers it has, how many dimensions (-1 of a float), and where
; their lengths are.
define i1 @read(ptr %table, ptr %args, i64 %given) {
  %float = load i64, ptr %table
  %array_at = getelementptr i64, ptr %table, i64 1
  %array = load i64, ptr %array_at
  %double_at = getelementptr i64, ptr %table, i64 2
  %double = load i64, ptr %double_at
  %wanted_at = getelementptr i64, ptr %table, i64 3
  %wanted = load i64, ptr %wanted_at
  %buffer_at = getelementptr i64, ptr %table, i64 6
  %buffer = load ptr, ptr %buffer_at
  %first = getelementptr i64, ptr %table, i64 9
  %are_all = icmp eq i64 %given, %wanted
  br i1 %are_all, label %loop, label %other
loop:
  %i = phi i64 [0, %0], [%i_after, %next]
  %to = phi ptr [%buffer, %0], [%to_after, %next]
  %entry = phi ptr [%first, %0], [%entry_after, %next]
  %is_end = icmp eq i64 %i, %wanted
  br i1 %is_end, label %done, label %argument
argument:
  %x_at = getelementptr ptr, ptr %args, i64 %i
  %x = load ptr, ptr %x_at
  %kind_at = getelementptr i8, ptr %x, i64 8
  %kind = load i64, ptr %kind_at
  %count = load i64, ptr %entry
  %rank_at = getelementptr i64, ptr %entry, i64 1
  %rank = load i64, ptr %rank_at
  %wants_float = icmp slt i64 %rank, 0
  br i1 %wants_float, label %single, label %whole
single:
  %is_float = icmp eq i64 %kind, %float
  br i1 %is_float, label %number, label %other
number:
  %number_at = getelementptr i8, ptr %x, i64 16
  %bits = load i64, ptr %number_at
  store i64 %bits, ptr %to
  br label %next
whole:
  %is_array = icmp eq i64 %kind, %array
  br i1 %is_array, label %typed, label %other
typed:
  %type_at = getelementptr i8, ptr %x, i64 56
  %type = load i64, ptr %type_at
  %is_double = icmp eq i64 %type, %double
  %flags_at = getelementptr i8, ptr %x, i64 64
  %flags = load i32, ptr %flags_at
  %dense = and i32 %flags, 257
  %is_dense = icmp eq i32 %dense, 257
  %found_rank_at = getelementptr i8, ptr %x, i64 24
  %found_rank = load i32, ptr %found_rank_at
  %found_wide = sext i32 %found_rank to i64
  %is_rank = icmp eq i64 %found_wide, %rank
  %is_one = and i1 %is_double, %is_dense
  %is_such = and i1 %is_one, %is_rank
  br i1 %is_such, label %shaped, label %other
shaped:
  %lengths_at = getelementptr i64, ptr %entry, i64 2
  %lengths = load ptr, ptr %lengths_at
  %shape_at = getelementptr i8, ptr %x, i64 32
  %shape = load ptr, ptr %shape_at
  br label %axes
axes:
  %axis = phi i64 [0, %shaped], [%axis_after, %axis_same]
  %are_same = icmp eq i64 %axis, %rank
  br i1 %are_same, label %copy, label %axis_next
axis_next:
  %length_at = getelementptr i64, ptr %lengths, i64 %axis
  %length = load i64, ptr %length_at
  %found_at = getelementptr i64, ptr %shape, i64 %axis
  %found = load i64, ptr %found_at
  %is_same = icmp eq i64 %length, %found
  br i1 %is_same, label %axis_same, label %other
axis_same:
  %axis_after = add i64 %axis, 1
  br label %axes
copy:
  %data_at = getelementptr i8, ptr %x, i64 16
  %data = load ptr, ptr %data_at
  %bytes = mul i64 %count, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %data, i64 %bytes, i1 false)
  br label %next
next:
  %i_after = add i64 %i, 1
  %to_after = getelementptr i64, ptr %to, i64 %count
  %entry_after = getelementptr i64, ptr %entry, i64 3
  br label %loop
done:
  ret i1 true
other:
  ret i1 false
}

; Whether the arguments are those of the table, and the run on them finds nothing.
define i1 @run(ptr %table, ptr %args, i64 %given) {
  %is_read = call i1 @read(ptr %table, ptr %args, i64 %given)
  br i1 %is_read, label %compute, label %other
compute:
  %function_at = getelementptr i64, ptr %table, i64 5
  %function = load ptr, ptr %function_at
  %buffer_at = getelementptr i64, ptr %table, i64 6
  %buffer = load ptr, ptr %buffer_at
  %status = call i64 %function(ptr %buffer)
  %is_right = icmp eq i64 %status, 0
  ret i1 %is_right
other:
  ret i1 false
}

; A tuple of the outputs, which are floats; an empty one where there is no run. The table is the
; data of the array %self.
define ptr @floats(ptr %self, ptr %args, i64 %given) {
  %table_at = getelementptr i8, ptr %self, i64 16
  %table = load ptr, ptr %table_at
  %outputs_at = getelementptr i64, ptr %table, i64 4
  %outputs = load i64, ptr %outputs_at
  %results_at = getelementptr i64, ptr %table, i64 7
  %results = load ptr, ptr %results_at
  %head_at = getelementptr i64, ptr %table, i64 8
  %head = load i64, ptr %head_at
  ; before the buffer is touched: Python may collect garbage here, and call this again
  %made = call ptr @PyTuple_New(i64 %outputs)
  %is_made = icmp ne ptr %made, null
  br i1 %is_made, label %start, label %failed
start:
  %slots = getelementptr i8, ptr %made, i64 %head
  %is_right = call i1 @run(ptr %table, ptr %args, i64 %given)
  br i1 %is_right, label %write, label %drop
write:
  %j = phi i64 [0, %start], [%j_after, %kept]
  %are_written = icmp eq i64 %j, %outputs
  br i1 %are_written, label %done, label %result
result:
  %result_at = getelementptr double, ptr %results, i64 %j
  %found = load double, ptr %result_at
  %y = call ptr @PyFloat_FromDouble(double %found)
  %is_there = icmp ne ptr %y, null
  br i1 %is_there, label %kept, label %lost
kept:
  %slot = getelementptr ptr, ptr %slots, i64 %j
  store ptr %y, ptr %slot
  %j_after = add i64 %j, 1
  br label %write
done:
  ret ptr %made
drop:
  call void @Py_DecRef(ptr %made)
  %empty = call ptr @PyTuple_New(i64 0)
  ret ptr %empty
lost:
  call void @Py_DecRef(ptr %made)
  br label %failed
failed:
  ret ptr null
}

; Whether there is a run, for the arguments after the first, which is an array for the outputs.
define ptr @array(ptr %self, ptr %args, i64 %given) {
  %table_at = getelementptr i8, ptr %self, i64 16
  %table = load ptr, ptr %table_at
  %read = getelementptr ptr, ptr %args, i64 1
  %count = sub i64 %given, 1
  %is_right = call i1 @run(ptr %table, ptr %read, i64 %count)
  br i1 %is_right, label %write, label %end
write:
  %outputs_at = getelementptr i64, ptr %table, i64 4
  %outputs = load i64, ptr %outputs_at
  %results_at = getelementptr i64, ptr %table, i64 7
  %results = load ptr, ptr %results_at
  %out = load ptr, ptr %args
  %data_at = getelementptr i8, ptr %out, i64 16
  %data = load ptr, ptr %data_at
  %bytes = mul i64 %outputs, 8
  call void @llvm.memcpy.p0.p0.i64(ptr %data, ptr %results, i64 %bytes, i1 false)
  br label %end
end:
  %answer = zext i1 %is_right to i64
  %found = call ptr @PyBool_FromLong(i64 %answer)
  ret ptr %found
}
"""
