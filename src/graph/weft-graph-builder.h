/* weft-graph-builder.h: writes tasks and edges, and freezes them into a WeftGraph
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One thread at a time. Ids given out here are the builder's own: freeze keeps them where they are
 * already topological, else renumbers (stable: smallest id first) and tells the new ids.
 * No function but freeze can fail for reasons a caller must handle: mistakes (duplicate key,
 * unknown task) are remembered with their place and reported by freeze, the first one wins.
 */
#pragma once

#include "graph/weft-graph.h"

typedef struct _WeftGraphBuilder WeftGraphBuilder;

/**
 * weft_graph_builder_new:
 *
 * Returns: (transfer full): an empty builder, to be freed with weft_graph_builder_free()
 */
WEFT_API WeftGraphBuilder *weft_graph_builder_new (void);

/**
 * weft_graph_builder_free:
 * @builder: (nullable) (transfer full): with all that was added since the last freeze; graphs that
 *   it made stay
 */
WEFT_API void weft_graph_builder_free (WeftGraphBuilder *builder);

/**
 * weft_graph_builder_reserve:
 * @n_tasks: expected number of tasks; 0 unknown
 * @n_edges: expected number of inputs of all tasks; 0 unknown
 *
 * Allocates once for the expected sizes. More and less are fine.
 */
WEFT_API void weft_graph_builder_reserve (WeftGraphBuilder *builder, uint32_t n_tasks,
                                          uint64_t n_edges);

/**
 * weft_graph_builder_set_name:
 * @name: (nullable): copied; shown to people. %NULL: none
 */
WEFT_API void weft_graph_builder_set_name (WeftGraphBuilder *builder, const char *name);

/**
 * weft_graph_builder_set_metadata:
 * @json: (nullable): a JSON object as text, copied; %NULL: none
 *
 * Attaches what the engine need not understand. Anything but an object is a mistake (FORMAT).
 */
WEFT_API void weft_graph_builder_set_metadata (WeftGraphBuilder *builder, const char *json);

/**
 * weft_graph_builder_set_location:
 * @location: copied, but its file name is not: that must stay until freeze
 *
 * Says where the things added from now on stand in the input, for error messages. Line 0: unknown.
 */
WEFT_API void weft_graph_builder_set_location (WeftGraphBuilder *builder,
                                               const WeftLocation *location);

/* ---- calls: build a template, then close it; equal ones get the same number ------------------ */

/**
 * weft_graph_builder_begin_call:
 * @op: (nullable): name of the operation, copied; %NULL: no operation
 * @op_version: 0: any
 * @n_outputs: 1 … 65,535
 *
 * Starts a call, to which arguments are then appended. One call is open at a time.
 */
WEFT_API void weft_graph_builder_begin_call (WeftGraphBuilder *builder, const char *op,
                                             uint32_t op_version, uint32_t n_outputs);

/**
 * weft_graph_builder_arg_none:
 *
 * Appends none to the open call or to the list, record or map opened last. In a record, and for
 * keyword arguments, weft_graph_builder_arg_name() comes before each value, of this kind or
 * another.
 */
WEFT_API void weft_graph_builder_arg_none (WeftGraphBuilder *builder);

/**
 * weft_graph_builder_arg_bool:
 * @b: the constant
 *
 * Appends a truth value.
 */
WEFT_API void weft_graph_builder_arg_bool (WeftGraphBuilder *builder, bool b);

/**
 * weft_graph_builder_arg_int64:
 * @i: the constant
 *
 * Appends a whole number.
 */
WEFT_API void weft_graph_builder_arg_int64 (WeftGraphBuilder *builder, int64_t i);

/**
 * weft_graph_builder_arg_float64:
 * @f: the constant
 *
 * Appends a floating-point number.
 */
WEFT_API void weft_graph_builder_arg_float64 (WeftGraphBuilder *builder, double f);

/**
 * weft_graph_builder_arg_string:
 * @chars: UTF-8, copied
 * @n_chars: its length in bytes, at most WEFT_GRAPH_MAX_TEXT_BYTES; -1: up to its 0
 *
 * Appends a text. Equal texts are kept once.
 */
WEFT_API void weft_graph_builder_arg_string (WeftGraphBuilder *builder, const char *chars,
                                             gssize n_chars);

/**
 * weft_graph_builder_arg_bytes:
 * @bytes: (array length=n_bytes): copied
 * @n_bytes: at most WEFT_GRAPH_MAX_TEXT_BYTES
 *
 * Appends a value of type bytes.
 */
WEFT_API void weft_graph_builder_arg_bytes (WeftGraphBuilder *builder, const void *bytes,
                                            size_t n_bytes);

/**
 * weft_graph_builder_arg_begin_list:
 *
 * Opens a list: values are its items until weft_graph_builder_arg_end().
 */
WEFT_API void weft_graph_builder_arg_begin_list (WeftGraphBuilder *builder);

/**
 * weft_graph_builder_arg_begin_record:
 *
 * Opens a record: until weft_graph_builder_arg_end() names and values follow in turn. A name that
 * is there twice is a mistake (DUPLICATE).
 */
WEFT_API void weft_graph_builder_arg_begin_record (WeftGraphBuilder *builder);

/**
 * weft_graph_builder_arg_begin_map:
 *
 * Opens a map: until weft_graph_builder_arg_end() keys and values follow in turn, keys of any kind.
 */
WEFT_API void weft_graph_builder_arg_begin_map (WeftGraphBuilder *builder);

/**
 * weft_graph_builder_arg_end:
 *
 * Ends the list, record or map opened last. A record with a name or a map with a key that has no
 * value yet is a mistake (FORMAT).
 */
WEFT_API void weft_graph_builder_arg_end (WeftGraphBuilder *builder);

/**
 * weft_graph_builder_arg_tag:
 * @tag: 0-terminated, copied: "tuple", "set", "slice" …
 *
 * Says that the next value is what @tag says at home. The tag ends with that value: there is no
 * weft_graph_builder_arg_end() for it.
 */
WEFT_API void weft_graph_builder_arg_tag (WeftGraphBuilder *builder, const char *tag);

/**
 * weft_graph_builder_arg_encoded:
 * @bytes: (array length=n_bytes): one value in the form of weft_value_encode(), copied, not checked
 * @n_bytes: at most WEFT_GRAPH_MAX_TEXT_BYTES
 *
 * Appends a bulk constant.
 */
WEFT_API void weft_graph_builder_arg_encoded (WeftGraphBuilder *builder, const void *bytes,
                                              size_t n_bytes);

/**
 * weft_graph_builder_arg_slot:
 * @slot: numbered from 0 in order of first use; the same one may stand in several places
 *
 * Appends input number @slot of the tasks that make this call.
 */
WEFT_API void weft_graph_builder_arg_slot (WeftGraphBuilder *builder, uint32_t slot);

/**
 * weft_graph_builder_arg_slots:
 * @first: numbered as in weft_graph_builder_arg_slot()
 * @n: how many; 0 appends nothing
 *
 * Appends inputs @first … @first + @n - 1, as items of the open list or as positional arguments. In
 * a list they take one node, however many they are.
 */
WEFT_API void weft_graph_builder_arg_slots (WeftGraphBuilder *builder, uint32_t first, uint32_t n);

/**
 * weft_graph_builder_arg_constant:
 * @object: (transfer full): stays where it is
 * @free: (nullable): called with @object when the last graph that has it goes, or the builder
 *
 * Appends an in-process object (an array already in memory). Such graphs cannot be written to
 * files.
 */
WEFT_API void weft_graph_builder_arg_constant (WeftGraphBuilder *builder, void *object,
                                               GDestroyNotify free);

/**
 * weft_graph_builder_begin_kwargs:
 *
 * Ends the positional arguments of the open call: from here on keyword arguments follow, each a
 * name and a value. Once a call, with no list, record or map open.
 */
WEFT_API void weft_graph_builder_begin_kwargs (WeftGraphBuilder *builder);

/**
 * weft_graph_builder_arg_name:
 * @name: UTF-8, copied
 * @n_chars: its length in bytes; -1: up to its 0
 *
 * Names the value that is appended next: a record's field or a keyword argument.
 */
WEFT_API void weft_graph_builder_arg_name (WeftGraphBuilder *builder, const char *name,
                                           gssize n_chars);

/**
 * weft_graph_builder_end_call:
 *
 * Closes the call.
 *
 * Returns: its number, the same for equal calls; 0 after a mistake
 */
WEFT_API uint32_t weft_graph_builder_end_call (WeftGraphBuilder *builder);

/* ---- tasks ----------------------------------------------------------------------------------- */

/**
 * weft_graph_builder_add_task:
 * @key: the task's key, @n_chars long (-1: up to its 0)
 * @call: from weft_graph_builder_end_call()
 * @inputs: n_inputs (task, output) pairs in slot order; equal pairs must already be one slot
 *
 * Returns: the task's builder id (also when its key had been mentioned before)
 */
WEFT_API uint32_t weft_graph_builder_add_task (WeftGraphBuilder *builder, const char *key,
                                               gssize n_chars, uint32_t call,
                                               const WeftTaskOutput *inputs, uint32_t n_inputs);

/**
 * weft_graph_builder_key_pattern:
 * @prefix: what stands before the number, copied; may be empty
 * @suffix: what stands after it, copied; may be empty
 *
 * Prepares keys that differ in a number only: @prefix, decimal number, @suffix.
 *
 * Returns: the pattern's number, for weft_graph_builder_add_numbered()
 */
WEFT_API uint32_t weft_graph_builder_key_pattern (WeftGraphBuilder *builder, const char *prefix,
                                                  const char *suffix);

/**
 * weft_graph_builder_add_numbered:
 * @pattern: from weft_graph_builder_key_pattern()
 * @number: written in decimal without leading zeros
 * @call: from weft_graph_builder_end_call()
 * @inputs: n_inputs (task, output) pairs, as in weft_graph_builder_add_task()
 *
 * The fast way for generated keys: adds a task without its key being written and read again.
 *
 * Returns: the task's builder id (also when its key had been mentioned before)
 */
WEFT_API uint32_t weft_graph_builder_add_numbered (WeftGraphBuilder *builder, uint32_t pattern,
                                                   uint32_t number, uint32_t call,
                                                   const WeftTaskOutput *inputs, uint32_t n_inputs);

/**
 * weft_graph_builder_mention:
 * @key: UTF-8, @n_chars bytes long (-1: up to its 0); copied
 *
 * Uses a key now that is defined later; freeze reports it if it never is (MISSING).
 *
 * Returns: its builder id, the one that the task will have
 */
WEFT_API uint32_t weft_graph_builder_mention (WeftGraphBuilder *builder, const char *key,
                                              gssize n_chars);

/**
 * weft_graph_builder_import:
 * @key: 0-terminated, copied: the newest task of that key in earlier segments of the run
 * @output: one of its outputs
 *
 * Takes a result of an earlier segment as input. The key is looked up when the segment is attached.
 *
 * Returns: an id to use as input task with output 0
 */
WEFT_API uint32_t weft_graph_builder_import (WeftGraphBuilder *builder, const char *key,
                                             uint32_t output);

/**
 * weft_graph_builder_import_task:
 * @segment: number of an earlier segment of the run
 * @task: id in that segment's graph
 * @output: one of its outputs
 *
 * Takes the result of a task that is known by number as input.
 *
 * Returns: an id to use as input task with output 0
 */
WEFT_API uint32_t weft_graph_builder_import_task (WeftGraphBuilder *builder, uint32_t segment,
                                                  uint32_t task, uint32_t output);

/**
 * weft_graph_builder_import_value:
 *
 * Takes a value as input that is given when the segment is attached: the k-th of these imports gets
 * the k-th value.
 *
 * Returns: an id to use as input task with output 0
 */
WEFT_API uint32_t weft_graph_builder_import_value (WeftGraphBuilder *builder);

/**
 * weft_graph_builder_add_after:
 * @task: builder id of the one that waits
 * @before: builder id of the one that must have ended first
 *
 * Adds an order-only dependency, by which no result is handed on. Imports are not possible here.
 */
WEFT_API void weft_graph_builder_add_after (WeftGraphBuilder *builder, uint32_t task,
                                            uint32_t before);

/**
 * weft_graph_builder_set_group:
 * @task: builder id
 * @group: 0-terminated, copied
 *
 * Names the task's group; without this it is made from the key, as weft_key_split() does.
 */
WEFT_API void weft_graph_builder_set_group (WeftGraphBuilder *builder, uint32_t task,
                                            const char *group);

/**
 * weft_graph_builder_string:
 * @string: 0-terminated, copied
 *
 * Keeps a string (a label, a resource's name, a machine's) with the graph.
 *
 * Returns: its string id, the same for equal strings
 */
WEFT_API uint32_t weft_graph_builder_string (WeftGraphBuilder *builder, const char *string);

/**
 * weft_graph_builder_set_attributes:
 * @task: builder id
 * @attributes: copied, with what it points to; equal attributes are shared
 *
 * Replaces the task's attributes; all default takes them away. Metadata that is no JSON object, and
 * negative times or amounts, are mistakes.
 */
WEFT_API void weft_graph_builder_set_attributes (WeftGraphBuilder *builder, uint32_t task,
                                                 const WeftTaskAttributes *attributes);

/**
 * weft_graph_builder_set_hints:
 * @task: builder id
 * @runtime_ns: nanoseconds; -1 unknown
 * @output_bytes: (nullable) (array length=n_outputs): copied; UINT64_MAX unknown
 * @machine: string id of the machine it ran on, or WEFT_NONE
 *
 * Keeps what was recorded of the task elsewhere.
 */
WEFT_API void weft_graph_builder_set_hints (WeftGraphBuilder *builder, uint32_t task,
                                            int64_t runtime_ns, const uint64_t *output_bytes,
                                            uint32_t n_outputs, uint32_t machine);

/**
 * weft_graph_builder_set_continues:
 * @task: builder id
 *
 * Marks @task as following @task - 1 in one unit; holds only if freeze keeps them neighbours.
 */
WEFT_API void weft_graph_builder_set_continues (WeftGraphBuilder *builder, uint32_t task);

/**
 * weft_graph_builder_want:
 * @task: builder id
 * @output: one of the task's outputs
 *
 * Requests an output: the run keeps it for weft_run_result().
 */
WEFT_API void weft_graph_builder_want (WeftGraphBuilder *builder, uint32_t task, uint32_t output);

/**
 * weft_graph_builder_freeze:
 * @new_ids: (out) (optional) (array): filled with the frozen id of each builder task; must have
 *   room for all of them
 *
 * Checks everything, makes the arrays and leaves the builder empty. O(tasks + edges).
 *
 * Returns: (transfer full) (nullable): %NULL with an error of WEFT_GRAPH_ERROR that carries the
 *   place
 */
WEFT_API WeftGraph *weft_graph_builder_freeze (WeftGraphBuilder *builder, uint32_t *new_ids,
                                               GError **error);

/**
 * weft_graph_permute:
 * @order: (array): n_tasks; order[k] is the old id of new task k; topological
 * @unit_flags: (nullable) (array): n_tasks, by *new* id: WEFT_UNIT_…
 *
 * The same graph under other ids, perhaps with fused units. What passes are built on.
 *
 * Returns: (transfer full)
 */
WEFT_API WeftGraph *weft_graph_permute (WeftGraph *graph, const uint32_t *order,
                                        const uint8_t *unit_flags);
