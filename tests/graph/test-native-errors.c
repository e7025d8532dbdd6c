/* test-native-errors.c: every way a native graph file can be wrong, and what is said about it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-graph-file.h"
#include "test-support.h"

#include <string.h>

typedef struct
{
  const char *name;
  const char *text;
  WeftGraphError code;
  const char *message;
} BadInput;

/* clang-format off */
static const BadInput bad_inputs[] = {
    { "no-object",
        "[1]",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:1: found “[”, expected an object: {\"weftline\": 1, …}" },
    { "no-json",
        "{weftline: 1}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:2: found “weftline”, expected the name of a member or “}”" },
    { "single-quotes",
        "{'weftline': 1}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:2: found “'”, expected the name of a member or “}”" },
    { "missing-colon",
        "{\"weftline\" 1}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:13: found “1”, expected “:” after a member's name" },
    { "missing-comma",
        "{\"weftline\": 1\n"
        " \"tasks\": {}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:2:2: found “\"”, expected “,” or “}”" },
    { "trailing-comma-in-object",
        "{\"weftline\": 1, \"tasks\": {\"a\": {},}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:35: found “}”, expected the name of a member after “,”" },
    { "trailing-comma-in-array",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [1,]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:44: found “]”, expected a value" },
    { "wrong-bracket",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [1}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:43: found “}”, expected “,” or “]”" },
    { "text-after-the-end",
        "{\"weftline\": 1, \"tasks\": {\"a\": {}}}\n"
        "x",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:2:1: found “x”, expected nothing after the end of the document" },
    { "second-document",
        "{\"weftline\": 1, \"tasks\": {\"a\": {}}}{\"weftline\": 1, \"tasks\": {\"a\": {}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:36: found “{”, expected nothing after the end of the document" },
    { "comment",
        "{\"weftline\": 1, // hello\n"
        " \"tasks\": {}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:17: found “/”, expected the name of a member after “,”" },
    { "bare-word",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [nil]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:42: found “nil”, expected a value" },
    { "word-with-tail",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [nullx]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:42: found “nullx”, expected a value" },
    { "nan",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [NaN]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:42: found “NaN”, expected a value" },
    { "leading-zero",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [012]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:42: found “012”, expected a number without leading zeros" },
    { "leading-plus",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [+1]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:42: found “+1”, expected a value" },
    { "no-fraction",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [1.]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:44: found “]”, expected a digit after the decimal point" },
    { "no-integer-part",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [.5]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:42: found “.5”, expected a value" },
    { "no-exponent",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [1e]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:44: found “]”, expected a digit of the exponent" },
    { "lone-minus",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [-]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:43: found “]”, expected a digit after “-”" },
    { "bad-escape",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [\"\\q\"]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:43: found the escape “\\q”, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r "
        "\\t \\u" },
    { "short-unicode-escape",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [\"\\u12G4\"]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:43: found the escape “\\u12G4”, expected “\\u” and four hexadecimal digits" },
    { "half-a-surrogate-pair",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [\"\\ud83d\"]}}}",
        WEFT_GRAPH_ERROR_UTF8,
        "bad.json:1:43: found “\\ud83d”, one half of a surrogate pair, expected both: “\\ud800” "
        "to “\\udbff”, then “\\udc00” to “\\udfff”" },
    { "second-half-first",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [\"\\ude00\"]}}}",
        WEFT_GRAPH_ERROR_UTF8,
        "bad.json:1:43: found “\\ude00”, one half of a surrogate pair, expected both: “\\ud800” "
        "to “\\udbff”, then “\\udc00” to “\\udfff”" },
    { "line-break-in-string",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [\"x\n"
        "y\"]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:44: found the end of the line inside a string, expected “\"”; a line break "
        "in a string is written \\n" },
    { "control-character-in-string",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [\"x\002y\"]}}}",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:44: found control character 0x02 inside a string, expected \\u0002" },
    { "truncated-object",
        "{\"weftline\": 1, \"tasks\": {\n"
        "  \"a\": {",
        WEFT_GRAPH_ERROR_TRUNCATED,
        "bad.json:2:9: found the end of the input, expected the name of a member or “}”" },
    { "truncated-string",
        "{\"weftline\": 1, \"tasks\": {\n"
        "  \"ab",
        WEFT_GRAPH_ERROR_TRUNCATED,
        "bad.json:2:6: found the end of the input, expected the end of the string that began on "
        "line 2, column 3" },
    { "truncated-word",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [tr",
        WEFT_GRAPH_ERROR_TRUNCATED,
        "bad.json:1:44: found the end of the input, expected the rest of a word" },
    { "truncated-escape",
        "{\"weftline\": 1, \"name\": \"a\\",
        WEFT_GRAPH_ERROR_TRUNCATED,
        "bad.json:1:28: found the end of the input, expected the rest of a string" },
    { "truncated-after-comma",
        "{\"weftline\": 1,",
        WEFT_GRAPH_ERROR_TRUNCATED,
        "bad.json:1:16: found the end of the input, expected the name of a member after “,”" },
    { "empty",
        "",
        WEFT_GRAPH_ERROR_EMPTY,
        "bad.json:1:1: found an empty file, expected a graph" },
    { "blank",
        " \n"
        "\t ",
        WEFT_GRAPH_ERROR_EMPTY,
        "bad.json:1:1: found an empty file, expected a graph" },
    { "invalid-utf-8",
        "{\"weftline\": 1, \"tasks\": {\"a\377\": {}}}",
        WEFT_GRAPH_ERROR_UTF8,
        "bad.json:1:29: found byte 0xff, expected UTF-8 text" },
    { "overlong-utf-8",
        "{\"weftline\": 1, \"name\": \"\300\257\"}",
        WEFT_GRAPH_ERROR_UTF8,
        "bad.json:1:26: found byte 0xc0, expected UTF-8 text" },
    { "utf-8-surrogate",
        "{\"weftline\": 1, \"name\": \"\355\240\200\"}",
        WEFT_GRAPH_ERROR_UTF8,
        "bad.json:1:26: found byte 0xed, expected UTF-8 text" },
    { "cut-utf-8",
        "{\"weftline\": 1, \"name\": \"\342\202\"}",
        WEFT_GRAPH_ERROR_UTF8,
        "bad.json:1:26: found byte 0xe2, expected UTF-8 text" },
    { "byte-outside-of-string",
        "{\"weftline\": 1, \376",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:17: found “\\xfe”, expected the name of a member after “,”" },
    { "integer-too-large",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [9223372036854775808]}}}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:42: found the integer 9223372036854775808, expected one from "
        "-9223372036854775808 to 9223372036854775807" },
    { "integer-too-small",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [-9223372036854775809]}}}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:42: found the integer -9223372036854775809, expected one from "
        "-9223372036854775808 to 9223372036854775807" },
    { "integer-of-thirty-digits",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [123456789012345678901234567890]}}}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:42: found the integer 123456789012345678901234567890, expected one from "
        "-9223372036854775808 to 9223372036854775807" },
    { "float-too-large",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [1e999]}}}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:42: found the number 1e999, expected at most 1.7976931348623157e+308 in size" },
    { "priority-too-large",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"priority\": 2147483648}}}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:45: found the number 2147483648, expected a priority from -2147483648 to "
        "2147483647" },
    { "negative-retries",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"retries\": -1}}}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:44: found the number -1, expected a number of retries from 0 to 2147483647" },
    { "negative-timeout",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"timeout\": -0.5}}}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:44: found the number -0.5, "
        "expected a timeout in seconds from 0 to 9000000000" },
    { "no-outputs-of-a-task",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"outputs\": 0}}}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:44: found the number 0, expected the number of outputs from 1 to 65535" },
    { "negative-runtime",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"runtime\": -1}}}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:44: found the number -1, expected a runtime in seconds from 0 to 9000000000" },
    { "negative-size",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"bytes\": -1}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:42: found the number -1, expected a size in bytes" },
    { "wrong-version",
        "{\"weftline\": 2, \"tasks\": {\"a\": {}}}",
        WEFT_GRAPH_ERROR_VERSION,
        "bad.json:1:14: found version 2 of the format, expected 1, the only one this program "
        "knows" },
    { "version-as-text",
        "{\"weftline\": \"1\", \"tasks\": {\"a\": {}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:14: found the string “1”, expected the version of the format, 1" },
    { "no-version",
        "{\"tasks\": {\"a\": {}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:20: found “}”, expected the member “weftline” with the format's version, 1" },
    { "no-tasks",
        "{\"weftline\": 1}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:15: found “}”, expected the member “tasks” with an object of tasks by key" },
    { "empty-graph",
        "{\"weftline\": 1, \"tasks\": {}}",
        WEFT_GRAPH_ERROR_EMPTY,
        "bad.json:1:26: found a graph without tasks, expected at least one" },
    { "tasks-as-array",
        "{\"weftline\": 1, \"tasks\": []}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:26: found “[”, expected an object of tasks by key" },
    { "unknown-document-member",
        "{\"weftline\": 1, \"task\": {}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:17: found the member “task”, expected a member of a graph file; did you mean "
        "“tasks”?" },
    { "unknown-document-member-unlike-any",
        "{\"weftline\": 1, \"colour\": {}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:17: found the member “colour”, expected a member of a graph file: weftline, "
        "name, metadata, defaults, tasks, outputs, $schema" },
    { "member-twice",
        "{\"weftline\": 1, \"weftline\": 1}",
        WEFT_GRAPH_ERROR_DUPLICATE,
        "bad.json:1:17: found the member “weftline” a second time in the same object, expected "
        "each once" },
    { "name-as-number",
        "{\"weftline\": 1, \"name\": 5}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:25: found the number 5, expected a name" },
    { "metadata-as-array",
        "{\"weftline\": 1, \"metadata\": []}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:29: found “[”, expected an object of metadata" },
    { "unknown-default",
        "{\"weftline\": 1, \"defaults\": {\"op\": \"add\"}, \"tasks\": {}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:30: found the member “op”, expected a member of the defaults: priority, "
        "retries, retry_delay, timeout, resources" },
    { "outputs-as-text",
        "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"outputs\": \"a\"}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:48: found the string “a”, expected an array of keys" },
    { "output-as-number",
        "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"outputs\": [1]}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:49: found the number 1, "
        "expected a key, or {\"ref\": key, \"output\": number}" },
    { "output-missing",
        "{\"weftline\": 1,\n"
        " \"tasks\": {\"total\": {}},\n"
        " \"outputs\": [\"totl\"]}",
        WEFT_GRAPH_ERROR_MISSING,
        "bad.json:3:14: found a reference to “totl”, expected the key of a task; did you mean "
        "“total”?" },
    { "output-out-of-range",
        "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"outputs\": [{\"ref\": \"a\", \"output\": "
        "1}]}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:27: found output 1 of the task “a”, expected 0 to 0" },
    { "task-as-text",
        "{\"weftline\": 1, \"tasks\": {\"a\": \"add\"}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:32: found the string “add”, expected an object that describes a task" },
    { "empty-key",
        "{\"weftline\": 1, \"tasks\": {\"\": {}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:27: found an empty key, expected at least one character" },
    { "zero-byte-in-key",
        "{\"weftline\": 1, \"tasks\": {\"a\\u0000b\": {}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:27: found the key “a\\x00b”, expected UTF-8 text without a zero byte" },
    { "unknown-task-member",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"add\", \"arg\": [1]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:46: found the member “arg”, "
        "expected a member of a task; did you mean “args”?" },
    { "task-member-twice",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"add\", \"op\": \"add\"}}}",
        WEFT_GRAPH_ERROR_DUPLICATE,
        "bad.json:1:46: found the member “op” a second time in the same object, expected each "
        "once" },
    { "duplicate-key",
        "{\"weftline\": 1, \"tasks\": {\n"
        "  \"a\": {},\n"
        "  \"b\": {},\n"
        "  \"a\": {}}}",
        WEFT_GRAPH_ERROR_DUPLICATE,
        "bad.json:4:3: found the key “a” a second time, expected each once; it was first defined "
        "on line 2, column 3" },
    { "duplicate-key-with-escape",
        "{\"weftline\": 1, \"tasks\": {\"ab\": {}, \"a\\u0062\": {}}}",
        WEFT_GRAPH_ERROR_DUPLICATE,
        "bad.json:1:37: found the key “ab” a second time, expected each once; it was first "
        "defined on line 1, column "
        "27" },
    { "op-as-number",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": 3}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:39: found the number 3, expected the name of an operation" },
    { "empty-op",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"\"}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:39: found the string “”, expected the name of an operation" },
    { "version-of-op-zero",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"op\": \"f\", \"version\": 0}}}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:55: found the number 0, expected the version of an operation from 1 to "
        "4294967295" },
    { "args-as-object",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": {}}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:41: found “{”, expected an array of arguments" },
    { "kwargs-as-array",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"kwargs\": []}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:43: found “[”, expected an object of keyword arguments" },
    { "kwarg-twice",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"kwargs\": {\"x\": 1, \"x\": 2}}}}",
        WEFT_GRAPH_ERROR_DUPLICATE,
        "bad.json:1:52: found the name “x” a second time in a record or among keyword arguments, "
        "expected each once" },
    { "after-as-text",
        "{\"weftline\": 1, \"tasks\": {\"a\": {}, \"b\": {\"after\": \"a\"}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:51: found the string “a”, expected an array of keys" },
    { "after-with-number",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"after\": [1]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:43: found the number 1, expected the key of a task" },
    { "label-with-zero-byte",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"label\": \"x\\u0000\"}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:42: found a zero byte (\\u0000), expected a label without one" },
    { "resources-as-array",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"resources\": [\"gpu\"]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:46: found “[”, expected an object of resources and amounts" },
    { "resource-twice",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"resources\": {\"gpu\": 1, \"gpu\": 1}}}}",
        WEFT_GRAPH_ERROR_DUPLICATE,
        "bad.json:1:57: found the resource “gpu” a second time in the same object, expected each "
        "once" },
    { "resource-as-text",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"resources\": {\"gpu\": \"1\"}}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:54: found the string “1”, expected an amount" },
    { "sizes-of-other-outputs",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"outputs\": 2, \"bytes\": [1]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:27: found 1 sizes in “bytes”, expected one for each of the outputs: 2" },
    { "size-as-float",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"bytes\": 1.5}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:42: found the number 1.5, expected a size in bytes" },
    { "missing-dependency",
        "{\"weftline\": 1, \"tasks\": {\"inc-1\": {}, \"total\": {\n"
        "  \"args\": [{\"ref\": \"inc-2\"}]}}}",
        WEFT_GRAPH_ERROR_MISSING,
        "bad.json:2:20: found a reference to “inc-2”, expected the key of a task; did you mean "
        "“inc-1”?" },
    { "missing-dependency-unlike-any",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"ref\": \"quite-another\"}]}}}",
        WEFT_GRAPH_ERROR_MISSING,
        "bad.json:1:50: found a reference to “quite-another”, expected the key of a task" },
    { "missing-after",
        "{\"weftline\": 1, \"tasks\": {\"inc-1\": {}, \"total\": {\"after\": [\"ink-1\"]}}}",
        WEFT_GRAPH_ERROR_MISSING,
        "bad.json:1:60: found a reference to “ink-1”, expected the key of a task; did you mean "
        "“inc-1”?" },
    { "self-reference",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [[{\"ref\": \"a\"}]]}}}",
        WEFT_GRAPH_ERROR_SELF,
        "bad.json:1:51: found a reference of the task “a” to itself, expected another task's key" },
    { "self-after",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"after\": [\"a\"]}}}",
        WEFT_GRAPH_ERROR_SELF,
        "bad.json:1:43: found a reference of the task “a” to itself, expected another task's key" },
    { "cycle-of-two",
        "{\"weftline\": 1, \"tasks\": {\n"
        " \"a\": {\"args\": [{\"ref\": \"b\"}]},\n"
        " \"b\": {\"args\": [{\"ref\": \"a\"}]}}}",
        WEFT_GRAPH_ERROR_CYCLE,
        "bad.json:2:2: found a cycle, in which each task needs the one before: a -> b -> a" },
    { "cycle-of-three",
        "{\"weftline\": 1, \"tasks\": {\"x\": {}, \"a\": {\"args\": [{\"ref\": \"c\"}, {\"ref\": "
        "\"x\"}]}, \"b\": {\"args\": [{\"ref\": \"a\"}]}, \"c\": {\"after\": [\"b\"]}, \"d\": "
        "{\"after\": [\"c\"]}}}",
        WEFT_GRAPH_ERROR_CYCLE,
        "bad.json:1:36: found a cycle, in which each task needs the one before: a -> b -> c -> a" },
    { "reference-with-number",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"ref\": 1}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:50: found the number 1, expected the key of a task" },
    { "reference-with-other-member",
        "{\"weftline\": 1, \"tasks\": {\"a\": {}, \"b\": {\"args\": [{\"ref\": \"a\", "
        "\"outptu\": 1}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:64: found the member “outptu”, expected a member of a reference (a record as "
        "it stands is {\"$literal\": {…}}); did you mean “output”?" },
    { "record-with-ref-later",
        "{\"weftline\": 1, \"tasks\": {\"a\": {}, \"b\": {\"args\": [{\"x\": 1, \"ref\": "
        "\"a\"}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:60: found the member “ref”, expected the name of a record's member; a record "
        "with a member “ref” or “$…” is written {\"$literal\": {…}}" },
    { "reference-output-as-text",
        "{\"weftline\": 1, \"tasks\": {\"a\": {}, \"b\": {\"args\": [{\"ref\": \"a\", "
        "\"output\": \"0\"}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:74: found the string “0”, expected the number of an output" },
    { "reference-output-out-of-range",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"outputs\": 2}, \"b\": {\"args\": [{\"ref\": "
        "\"a\", \"output\": 2}]}}}",
        WEFT_GRAPH_ERROR_RANGE,
        "bad.json:1:48: found output 2 of the task “a”, expected 0 to 1" },
    { "unknown-special",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"$literals\": {}}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:43: found the member “$literals”, expected a member of a special record (a "
        "record as it stands is {\"$literal\": {…}}); did you mean “$literal”?" },
    { "special-with-other-member",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"$float\": \"inf\", \"x\": 1}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:60: found the member “x”, expected “}” after the only member" },
    { "special-later",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"x\": 1, \"$float\": \"inf\"}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:51: found the member “$float”, expected the name of a record's member; a "
        "record with a member “ref” or “$…” is written {\"$literal\": {…}}" },
    { "special-float",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"$float\": \"1\"}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:53: found the string “1”, expected “nan”, “inf” or “-inf”" },
    { "special-bytes",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"$bytes\": \"?\"}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:53: found the string “?”, expected base64 text" },
    { "special-literal",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"$literal\": 1}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:55: found the number 1, expected a record" },
    { "special-map",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"$map\": [[1]]}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:54: found “]”, expected a value" },
    { "special-map-of-three",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"$map\": [[1, 2, 3]]}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:59: found the number 3, expected “]” after the key and the value of a pair" },
    { "special-tagged",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"$tagged\": [1, 2]}]}}}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:55: found the number 1, expected a tag" },
    { "name-twice-in-record",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [{\"x\": 1, \"x\": 2}]}}}",
        WEFT_GRAPH_ERROR_DUPLICATE,
        "bad.json:1:57: found the name “x” a second time in a record or among keyword arguments, "
        "expected each once" },
    { "not-a-graph",
        "hello",
        WEFT_GRAPH_ERROR_SYNTAX,
        "bad.json:1:1: found “hello”, expected a value" },
    { "truncated-unicode-escape",
        "{\"weftline\": 1, \"name\": \"a\\u00",
        WEFT_GRAPH_ERROR_TRUNCATED,
        "bad.json:1:31: found the end of the input, expected the four hexadecimal digits of an "
        "escape" },
    { "array-of-graphs-truncated",
        "{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": [1,",
        WEFT_GRAPH_ERROR_TRUNCATED,
        "bad.json:1:44: found the end of the input, expected a value after “,”" },
    { "outputs-reference-without-ref",
        "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"outputs\": [{}]}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:50: found “}”, expected the member “ref” of a reference" },
    { "outputs-reference-output-only",
        "{\"weftline\": 1, \"tasks\": {\"a\": {}}, \"outputs\": [{\"output\": 0}]}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:61: found “}”, expected the member “ref” of a reference" },
    { "schema-as-number",
        "{\"weftline\": 1, \"$schema\": 1}",
        WEFT_GRAPH_ERROR_FORMAT,
        "bad.json:1:28: found the number 1, expected the address of a schema" },
};
/* clang-format on */

static void
test_bad_input (gconstpointer data)
{
  const BadInput *bad = data;
  size_t n = strlen (bad->text);
  g_autofree char *exact = g_memdup2 (bad->text, n); /* no 0 behind it */
  g_autoptr (GError) error = NULL;

  g_assert_null (weft_graph_read_bytes (exact, n, "bad.json", WEFT_GRAPH_FORMAT_AUTO, &error));
  g_assert_error (error, WEFT_GRAPH_ERROR, (int) bad->code);
  g_assert_cmpstr (error->message, ==, bad->message);
}

/* @before, then n times @c, as a whole file. */
static void
assert_deep (const char *before, char c, size_t n, const char *message)
{
  g_autofree char *brackets = g_strnfill (n, c);
  g_autofree char *text = g_strconcat (before, brackets, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (
      weft_graph_read_bytes (text, strlen (text), "bad.json", WEFT_GRAPH_FORMAT_NATIVE, &error));
  g_assert_error (error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_DEPTH);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_too_deep (void)
{
  g_autofree char *open = g_strnfill (140, '[');
  g_autofree char *close = g_strnfill (140, ']');
  g_autofree char *arguments =
      g_strdup_printf ("{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": %s%s}}}", open, close);

  assert_deep (arguments, ' ', 0,
               "bad.json:1:27: found arguments nested deeper than 128, the most that is allowed");
  assert_deep ("{\"weftline\": 1, \"tasks\": {\"a\": {\"args\": ", '[', 100000,
               "bad.json:1:550: found brackets nested deeper than 512, the most that is read");
  assert_deep ("{\"weftline\": 1, \"metadata\": {\"x\": ", '[', 100000,
               "bad.json:1:545: found brackets nested deeper than 512, the most that is read");
}

/* Of a long cycle the middle is left out. */
static void
test_long_cycle (void)
{
  g_autoptr (GString) text = g_string_new ("{\"weftline\": 1, \"tasks\": {");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 1000; i++)
    g_string_append_printf (text, "%s\"k%d\": {\"after\": [\"k%d\"]}", i > 0 ? ", " : "", i,
                            (i + 999) % 1000);
  g_string_append (text, "}}");
  g_assert_null (
      weft_graph_read_bytes (text->str, text->len, "long", WEFT_GRAPH_FORMAT_AUTO, &error));
  test_assert_error (
      &error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_CYCLE,
      "long:1:27: found a cycle, in which each task needs the one before: k0 -> k1 ->",
      "k16 -> (968 more) -> k985", "k999 -> k0", NULL);
}

static void
test_no_such_file (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "nothing.json", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (weft_graph_read_file (path, WEFT_GRAPH_FORMAT_AUTO, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_IO, path,
                     ": cannot be opened: No such file or directory", NULL);
  g_assert_null (weft_graph_read_file (dir, WEFT_GRAPH_FORMAT_AUTO, &error));
  test_assert_error (&error, WEFT_GRAPH_ERROR, WEFT_GRAPH_ERROR_IO, dir, "cannot be read", NULL);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (bad_inputs); i++)
    {
      g_autofree char *path = g_strdup_printf ("/weft/graph/native-errors/%s", bad_inputs[i].name);

      g_test_add_data_func (path, &bad_inputs[i], test_bad_input);
    }
  test_add ("graph", "native-errors", "too-deep", test_too_deep);
  test_add ("graph", "native-errors", "long-cycle", test_long_cycle);
  test_add ("graph", "native-errors", "no-such-file", test_no_such_file);
  return g_test_run ();
}
