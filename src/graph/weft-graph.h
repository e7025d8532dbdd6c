/* weft-graph.h: a frozen segment of a task graph
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A WeftGraph is made once by a WeftGraphBuilder (or a pass) and never changes; any thread may read
 * it. A run is a list of such segments. Task ids are uint32, dense, and *topological*: every
 * dependency has a smaller id. More: ids are the order in which tasks are issued, so the `order`
 * pass returns a renumbered graph and the scheduler needs no priority array (see
 * data/doc/foundation.md, "in-order issue").
 *
 *   inputs       CSR over tasks: the (task, output) pairs a task reads, in slot order, each once
 *   afters       CSR over tasks, or NULL: order-only dependencies
 *   dependents   CSR over tasks and imports: the inverse of inputs and afters, entry by entry
 *   notify       the same as the scheduler wants it: inside a fused unit there are no entries, and
 *                entries to a unit from outside name its first task (the leader), which is what
 *                waits. Without units it *is* dependents
 *   imports      results of earlier segments or values given when the segment is attached; import k
 *                is read as task n_tasks + k
 *   outputs      a task has one output, or several: out slot = output_offsets[task] + output
 *   calls        what runs: operation name, version and an argument template in which slots stand
 *                for inputs. Equal templates are one call, so a million like tasks share one.
 *
 * Bytes: 4 each for call, group, input offset, dependent offset; 8 an edge; 8 or less for the key.
 */
#pragma once

#include "base/weft-base.h"

typedef struct _WeftGraph WeftGraph;

#define WEFT_GRAPH_ERROR (weft_graph_error_quark ())
/**
 * weft_graph_error_quark:
 *
 * Returns: the error domain of #WeftGraphError
 */
WEFT_API GQuark weft_graph_error_quark (void);

typedef enum
{
  WEFT_GRAPH_ERROR_SYNTAX,    /* not JSON, DOT, … : where, found, expected */
  WEFT_GRAPH_ERROR_TRUNCATED, /* the input ends too early */
  WEFT_GRAPH_ERROR_UTF8,
  WEFT_GRAPH_ERROR_DEPTH,       /* nested deeper than WEFT_GRAPH_MAX_DEPTH */
  WEFT_GRAPH_ERROR_RANGE,       /* a number out of range, too many tasks or edges */
  WEFT_GRAPH_ERROR_VERSION,     /* a format version this reader does not know */
  WEFT_GRAPH_ERROR_FORMAT,      /* well-formed, but not a graph of that format */
  WEFT_GRAPH_ERROR_UNSUPPORTED, /* a feature of the format that is named in the message */
  WEFT_GRAPH_ERROR_EMPTY,
  WEFT_GRAPH_ERROR_CYCLE,   /* keys of the cycle are printed in order */
  WEFT_GRAPH_ERROR_MISSING, /* a reference to a key nobody defines; nearest key suggested */
  WEFT_GRAPH_ERROR_DUPLICATE,
  WEFT_GRAPH_ERROR_SELF,      /* a task that refers to itself */
  WEFT_GRAPH_ERROR_OPERATION, /* unknown operation; nearest name suggested */
  WEFT_GRAPH_ERROR_ARGUMENT,  /* wrong arity or parameter type */
  WEFT_GRAPH_ERROR_IO,
} WeftGraphError;

/* Tasks and imports. Below 2^32 by more than all workers' blocks and WEFT_GRAPH_MAX_MORE_OUTPUTS
 * together, so that no counter of tasks or slots wraps. Edges: less than 2^32 - 1. */
#define WEFT_GRAPH_MAX_TASKS 0xf0000000u
#define WEFT_GRAPH_MAX_DEPTH 128
/* Of one constant: a run file's frame, which has to hold it, has at most 1 GiB. */
#define WEFT_GRAPH_MAX_TEXT_BYTES (1u << 29)
/* Outputs beyond the first of each task, over all tasks: a shuffle of 8,192 by 8,192. A few bytes
 * of a file can announce many, and each takes memory. */
#define WEFT_GRAPH_MAX_MORE_OUTPUTS (1u << 26)

/* ---- argument templates ---------------------------------------------------------------------- */

typedef enum
{
  WEFT_ARG_NONE = 0,
  WEFT_ARG_BOOL = 1,
  WEFT_ARG_INT64 = 2,
  WEFT_ARG_FLOAT64 = 3,
  WEFT_ARG_STRING = 4,    /* count bytes at u.offset of the graph's text */
  WEFT_ARG_BYTES = 5,     /* likewise */
  WEFT_ARG_LIST = 6,      /* count children follow, in preorder; a SLOTS node is one of them */
  WEFT_ARG_RECORD = 7,    /* count pairs follow: a STRING node (the name), then the value */
  WEFT_ARG_SLOT = 8,      /* input number u.slot.first */
  WEFT_ARG_SLOTS = 9,     /* in lists only: count >= 2 items, inputs from u.slot.first on */
  WEFT_ARG_CONSTANT = 10, /* count-th object of the graph's constants: an in-process value */
  WEFT_ARG_TAGGED =
      11, /* a STRING node (the tag: "tuple", "slice", "set", "bigint" …), then a node */
  WEFT_ARG_MAP = 12,    /* count pairs follow: any node as key, then the value */
  WEFT_ARG_ENCODED = 13 /* count bytes of text: a value in the codec's form (bulk constants) */
} WeftArgKind;

/* One node of a template; templates are flat arrays in preorder. `skip` is the number of nodes of
 * the whole subtree, this one included, so that siblings are found without walking. */
typedef struct
{
  uint8_t kind;
  uint8_t reserved[3];
  uint32_t count;
  union
  {
    bool b;
    int64_t i;
    double f;
    uint64_t offset;
    struct
    {
      uint32_t first;
      uint32_t reserved;
    } slot;
  } u;
  uint32_t skip;
  uint32_t reserved2;
} WeftArg;

/**
 * WeftCall:
 * @op: offset in the graph's text of the operation's name (0-terminated), 0 for "no operation": the
 *   task is known by its runtime only (a replay) or was observed elsewhere
 * @op_version: 0 for "any"
 * @args: first node of the positional arguments: @n_args subtrees
 * @kwargs: first node of the keyword arguments: @n_kwargs pairs (STRING name, value)
 * @n_slots: how many inputs the template reads: slots 0 … n_slots - 1 each stand in it at least
 *   once
 * @n_outputs: how many outputs, 1 mostly
 */
typedef struct
{
  uint64_t op;
  uint32_t op_version;
  uint32_t args;
  uint32_t n_args;
  uint32_t kwargs;
  uint32_t n_kwargs;
  uint32_t n_slots;
  uint32_t n_outputs;
  uint32_t reserved;
} WeftCall;

/* ---- the rarer things that can be said of a task --------------------------------------------- */

typedef struct
{
  uint32_t name; /* string id, weft_graph_string() */
  uint32_t reserved;
  double amount; /* of the named resource, while the task runs */
} WeftResourceNeed;

/**
 * WeftTaskAttributes:
 *
 * Shared by all tasks that say the same; a task without any has none. Times in nanoseconds.
 */
typedef struct
{
  int32_t priority;       /* higher first where dependencies allow; 0 */
  uint32_t retries;       /* attempts after the first; 0 */
  int64_t retry_delay_ns; /* before the first retry; doubles with each; 0: 100 ms */
  int64_t timeout_ns;     /* 0: none */
  uint32_t label;         /* string id or WEFT_NONE */
  uint32_t n_resources;
  WeftResourceNeed *resources; /* n_resources */
  char *metadata; /* (nullable): JSON object as text (declared output files, links …) */
} WeftTaskAttributes;

/* What is known of tasks beforehand, from recorded workflows. */
typedef struct
{
  const int64_t *runtime_ns;    /* (nullable): per task; -1 unknown */
  const uint64_t *output_bytes; /* (nullable): per output slot; UINT64_MAX unknown */
  const uint32_t *machine;      /* (nullable): per task; string id or WEFT_NONE */
} WeftGraphHints;

typedef enum
{
  WEFT_IMPORT_KEY = 0,  /* the newest task of that key in earlier segments of the run */
  WEFT_IMPORT_TASK = 1, /* segment, task, output */
  WEFT_IMPORT_VALUE = 2 /* the next of the values given when the segment is attached */
} WeftImportKind;

typedef struct
{
  uint32_t kind; /* WeftImportKind */
  uint32_t key;  /* KEY: string id */
  uint32_t segment, task, output;
} WeftImport;

typedef struct
{
  uint32_t line, column; /* from 1; 0 unknown */
} WeftCallLocation;

typedef struct
{
  uint32_t task;
  uint32_t output;
} WeftTaskOutput;

/* ---- reading a graph ------------------------------------------------------------------------- */

/**
 * weft_graph_ref:
 *
 * Any thread.
 *
 * Returns: (transfer full): @graph
 */
WEFT_API WeftGraph *weft_graph_ref (WeftGraph *graph);

/**
 * weft_graph_unref:
 * @graph: (nullable) (transfer full)
 *
 * Gives a reference back; the last one frees the graph. Any thread.
 */
WEFT_API void weft_graph_unref (WeftGraph *graph);

/* The arrays themselves, for loops. Immutable; live as long as the graph. */
typedef struct
{
  uint32_t n_tasks;
  uint32_t n_imports;
  uint32_t n_groups;
  uint32_t n_calls;
  uint64_t n_edges;              /* inputs and afters */
  const uint32_t *input_offsets; /* n_tasks + 1 */
  const uint32_t *input_tasks;   /* task id, or n_tasks + import */
  const uint16_t *input_outputs; /* (nullable): NULL when every input is output 0 */
  const uint32_t *after_offsets; /* (nullable): n_tasks + 1 */
  const uint32_t *after_tasks;
  const uint32_t *dependent_offsets; /* n_tasks + n_imports + 1 */
  const uint32_t *dependents;
  const uint32_t *notify_offsets; /* n_tasks + n_imports + 1; dependent_offsets without units */
  const uint32_t *notify;
  const WeftImport *imports;              /* n_imports */
  const WeftCallLocation *call_locations; /* (nullable): n_calls: where each was first written */
  const uint32_t *output_offsets;         /* (nullable): n_tasks + 1; NULL: slot = task */
  const uint32_t *call_of_task;           /* n_tasks */
  const WeftCall *calls;                  /* n_calls */
  const WeftArg *args;
  const char *text;
  const uint32_t *group_of_task;      /* n_tasks */
  const uint32_t *attributes_of_task; /* (nullable): n_tasks; WEFT_NONE where there are none */
  const WeftTaskAttributes *attributes;
  const uint8_t *unit_flags;    /* (nullable): n_tasks; WEFT_UNIT_… */
  const WeftTaskOutput *wanted; /* n_wanted requested outputs */
  uint32_t n_wanted;
  WeftGraphHints hints;
} WeftGraphArrays;

/* The task directly follows task - 1 on the same worker: both belong to one fused unit. */
#define WEFT_UNIT_CONTINUES 0x01

/**
 * weft_graph_arrays:
 *
 * Returns: (transfer none): the graph's arrays; immutable, live as long as the graph. Any thread
 */
WEFT_API const WeftGraphArrays *weft_graph_arrays (const WeftGraph *graph);

static inline uint32_t
weft_graph_n_inputs (const WeftGraphArrays *arrays, uint32_t task)
{
  return arrays->input_offsets[task + 1] - arrays->input_offsets[task];
}

static inline uint32_t
weft_graph_output_slot (const WeftGraphArrays *arrays, uint32_t task, uint32_t output)
{
  return arrays->output_offsets == NULL ? task : arrays->output_offsets[task] + output;
}

/**
 * weft_graph_n_slots:
 *
 * Returns: how many output slots there are in all; at most 65,535 a task, and beyond one a task at
 *   most WEFT_GRAPH_MAX_MORE_OUTPUTS
 */
WEFT_API uint32_t weft_graph_n_slots (const WeftGraph *graph);

/**
 * weft_graph_key:
 * @buffer: at least @size bytes
 *
 * Writes the task's key, 0-terminated, cut off to fit. Keys that end in a number are kept as
 * pattern and number, which is why this writes instead of returning a pointer. Any thread.
 *
 * Returns: the key's whole length in bytes, without the 0
 */
WEFT_API size_t weft_graph_key (const WeftGraph *graph, uint32_t task, char *buffer, size_t size);

/**
 * weft_graph_dup_key:
 * @task: id of the task
 *
 * Any thread.
 *
 * Returns: (transfer full): the task's whole key, 0-terminated
 */
WEFT_API char *weft_graph_dup_key (const WeftGraph *graph, uint32_t task);

/**
 * weft_graph_find:
 * @n_chars: length of @key, or -1
 *
 * Returns: the task with that key, or WEFT_NONE. O(1); the first call builds an index (once, behind
 *   a lock). Any thread.
 */
WEFT_API uint32_t weft_graph_find (const WeftGraph *graph, const char *key, gssize n_chars);

/**
 * weft_graph_suggest:
 * @key: 0-terminated: one that the graph does not have
 *
 * Looks at every key until one is near: O(tasks), for error messages. Any thread.
 *
 * Returns: (transfer full) (nullable): the existing key nearest to @key (edit distance), if any is
 *   near enough to be suggested
 */
WEFT_API char *weft_graph_suggest (const WeftGraph *graph, const char *key);

/**
 * weft_graph_string:
 * @string_id: of a label, resource, machine or import key; not checked
 *
 * Returns: (transfer none): the string, 0-terminated; lives as long as the graph
 */
WEFT_API const char *weft_graph_string (const WeftGraph *graph, uint32_t string_id);

/**
 * weft_graph_group_name:
 * @group: below n_groups
 *
 * Returns: (transfer none): the group's name; lives as long as the graph
 */
WEFT_API const char *weft_graph_group_name (const WeftGraph *graph, uint32_t group);

/**
 * weft_graph_name:
 *
 * Returns: (transfer none): the graph's name, "" when it has none; lives as long as the graph
 */
WEFT_API const char *weft_graph_name (const WeftGraph *graph);

/**
 * weft_graph_metadata:
 *
 * Returns: (transfer none) (nullable): a JSON object as text; %NULL when the graph has none
 */
WEFT_API const char *weft_graph_metadata (const WeftGraph *graph);

/**
 * weft_graph_n_notes:
 *
 * What a reader understood but could not keep, or had to do without, it notes; the graph is good
 * all the same. Who shows the graph to people shows these too. Not in what is written or made of
 * the graph.
 *
 * Returns: how many notes there are
 */
WEFT_API uint32_t weft_graph_n_notes (const WeftGraph *graph);

/**
 * weft_graph_note:
 * @note: below weft_graph_n_notes()
 *
 * Returns: (transfer none): one line, “file:line:column: …”; lives as long as the graph
 */
WEFT_API const char *weft_graph_note (const WeftGraph *graph, uint32_t note);

/**
 * weft_graph_op_name:
 * @task: id of the task
 *
 * Returns: (transfer none) (nullable): the name of its operation, %NULL when it has none; lives as
 *   long as the graph
 */
WEFT_API const char *weft_graph_op_name (const WeftGraph *graph, uint32_t task);

/**
 * weft_graph_file:
 *
 * Returns: (transfer none): the file it was read from, for error messages; "" when it was built
 *   otherwise
 */
WEFT_API const char *weft_graph_file (const WeftGraph *graph);

/**
 * weft_graph_constant:
 * @constant: count of a WEFT_ARG_CONSTANT node; not checked
 *
 * Returns: (transfer none): the in-process object; lives as long as the graph
 */
WEFT_API void *weft_graph_constant (const WeftGraph *graph, uint32_t constant);

/**
 * weft_graph_memory_bytes:
 *
 * Returns: bytes of memory the graph takes, all arrays and strings counted. What graphs share (a
 *   pass's result and what it was made from) counts in each
 */
WEFT_API uint64_t weft_graph_memory_bytes (const WeftGraph *graph);

typedef struct
{
  uint32_t n_tasks, n_groups, n_sources, n_sinks;
  uint64_t n_edges;
  uint32_t depth; /* tasks on the longest path */
  uint32_t width; /* most tasks on one level of the longest-path layering */
} WeftGraphShape;

/**
 * weft_graph_shape:
 * @shape: (out caller-allocates)
 *
 * Counts tasks, groups, sources, sinks and edges and measures depth and width. O(tasks + edges).
 * Any thread.
 */
WEFT_API void weft_graph_shape (const WeftGraph *graph, WeftGraphShape *shape);

/**
 * weft_graph_validate:
 *
 * Checks every invariant this header states. For tests and for graphs from untrusted bytes.
 */
WEFT_API bool weft_graph_validate (const WeftGraph *graph, GError **error);

/* What a group's name may be longer than its key, with the final 0: “Other” of an empty key. */
#define WEFT_KEY_SPLIT_ROOM 16

/**
 * weft_key_split:
 * @group: (out): where to write the group's name, at most @size bytes with the final 0; cut between
 *   two characters if it is longer. With @n_chars + WEFT_KEY_SPLIT_ROOM bytes it never is
 *
 * The group of a key, as Dask's key_split has it: `inc-1` → `inc`, `('x', 0, 1)` → `x`,
 * `mean-chunk-3f0c…` → `mean-chunk`. Source: dask.utils.key_split (documented behaviour).
 *
 * Returns: length written
 */
WEFT_API size_t weft_key_split (const char *key, size_t n_chars, char *group, size_t size);
