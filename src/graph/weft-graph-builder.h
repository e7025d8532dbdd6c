/* weft-graph-builder.h: writes tasks and edges, and freezes them into a WeftGraph
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One thread at a time. Ids given out here are the builder's own: freeze keeps them where they are
 * already topological, else renumbers (stable: smallest id first) and tells the new ids.
 * No function but freeze can fail for reasons a caller must handle: mistakes (duplicate key, unknown
 * task) are remembered with their place and reported by freeze, the first one wins.
 */
#pragma once

#include "graph/weft-graph.h"

typedef struct _WeftGraphBuilder WeftGraphBuilder;

WEFT_API WeftGraphBuilder *weft_graph_builder_new (void);
WEFT_API void weft_graph_builder_free (WeftGraphBuilder *builder);

/* Expected sizes, to allocate once. */
WEFT_API void weft_graph_builder_reserve (WeftGraphBuilder *builder, uint32_t n_tasks,
                                          uint64_t n_edges);
WEFT_API void weft_graph_builder_set_name (WeftGraphBuilder *builder, const char *name);
WEFT_API void weft_graph_builder_set_metadata (WeftGraphBuilder *builder, const char *json);
/* Where the things added from now on stand in the input, for error messages. @file is not copied. */
WEFT_API void weft_graph_builder_set_location (WeftGraphBuilder *builder,
                                               const WeftLocation *location);

/* ---- calls: build a template, then close it; equal ones get the same number -------------------- */

/* Starts a call. @op (nullable): no operation. One call is open at a time. */
WEFT_API void weft_graph_builder_begin_call (WeftGraphBuilder *builder, const char *op,
                                             uint32_t op_version, uint32_t n_outputs);
/* Append to the open call or to the list or record opened last. In a record, and for keyword
 * arguments, _arg_name() comes before each value. */
WEFT_API void weft_graph_builder_arg_none (WeftGraphBuilder *builder);
WEFT_API void weft_graph_builder_arg_bool (WeftGraphBuilder *builder, bool b);
WEFT_API void weft_graph_builder_arg_int64 (WeftGraphBuilder *builder, int64_t i);
WEFT_API void weft_graph_builder_arg_float64 (WeftGraphBuilder *builder, double f);
WEFT_API void weft_graph_builder_arg_string (WeftGraphBuilder *builder, const char *chars,
                                             gssize n_chars);
WEFT_API void weft_graph_builder_arg_bytes (WeftGraphBuilder *builder, const void *bytes,
                                            size_t n_bytes);
WEFT_API void weft_graph_builder_arg_begin_list (WeftGraphBuilder *builder);
WEFT_API void weft_graph_builder_arg_begin_record (WeftGraphBuilder *builder);
WEFT_API void weft_graph_builder_arg_begin_map (WeftGraphBuilder *builder);
WEFT_API void weft_graph_builder_arg_end (WeftGraphBuilder *builder);
/* The next node is what @tag says at home; no _arg_end(). */
WEFT_API void weft_graph_builder_arg_tag (WeftGraphBuilder *builder, const char *tag);
WEFT_API void weft_graph_builder_arg_encoded (WeftGraphBuilder *builder, const void *bytes,
                                              size_t n_bytes);
/* Input number @slot stands here. Slots are numbered from 0 in order of first use. */
WEFT_API void weft_graph_builder_arg_slot (WeftGraphBuilder *builder, uint32_t slot);
/* Inputs first … first + n - 1, as items of the open list (or as positional arguments). */
WEFT_API void weft_graph_builder_arg_slots (WeftGraphBuilder *builder, uint32_t first, uint32_t n);
/* An in-process object (an array already in memory): @free (nullable) is called with the graph. Such
 * graphs cannot be written to files. */
WEFT_API void weft_graph_builder_arg_constant (WeftGraphBuilder *builder, void *object,
                                               GDestroyNotify free);
/* From here on keyword arguments follow. */
WEFT_API void weft_graph_builder_begin_kwargs (WeftGraphBuilder *builder);
WEFT_API void weft_graph_builder_arg_name (WeftGraphBuilder *builder, const char *name,
                                           gssize n_chars);
/* Closes the call. Returns: its number, the same for equal calls */
WEFT_API uint32_t weft_graph_builder_end_call (WeftGraphBuilder *builder);

/* ---- tasks ------------------------------------------------------------------------------------ */

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

/* The fast way for generated keys "prefix" + decimal number: @pattern from _key_pattern(). */
WEFT_API uint32_t weft_graph_builder_key_pattern (WeftGraphBuilder *builder, const char *prefix,
                                                  const char *suffix);
WEFT_API uint32_t weft_graph_builder_add_numbered (WeftGraphBuilder *builder, uint32_t pattern,
                                                   uint32_t number, uint32_t call,
                                                   const WeftTaskOutput *inputs,
                                                   uint32_t n_inputs);

/* A key that is used now and defined later (freeze reports it if never). Returns: its id */
WEFT_API uint32_t weft_graph_builder_mention (WeftGraphBuilder *builder, const char *key,
                                              gssize n_chars);
/* A result of an earlier segment, or (the others) of a task known by number, or a value given later:
 * the k-th value import gets the k-th value. Returns: an id to use as input task with output 0. */
WEFT_API uint32_t weft_graph_builder_import (WeftGraphBuilder *builder, const char *key,
                                             uint32_t output);
WEFT_API uint32_t weft_graph_builder_import_task (WeftGraphBuilder *builder, uint32_t segment,
                                                  uint32_t task, uint32_t output);
WEFT_API uint32_t weft_graph_builder_import_value (WeftGraphBuilder *builder);
WEFT_API void weft_graph_builder_add_after (WeftGraphBuilder *builder, uint32_t task,
                                            uint32_t before);
WEFT_API void weft_graph_builder_set_group (WeftGraphBuilder *builder, uint32_t task,
                                            const char *group);
WEFT_API uint32_t weft_graph_builder_string (WeftGraphBuilder *builder, const char *string);
/* Copied; equal attributes are shared. */
WEFT_API void weft_graph_builder_set_attributes (WeftGraphBuilder *builder, uint32_t task,
                                                 const WeftTaskAttributes *attributes);
WEFT_API void weft_graph_builder_set_hints (WeftGraphBuilder *builder, uint32_t task,
                                            int64_t runtime_ns, const uint64_t *output_bytes,
                                            uint32_t n_outputs, uint32_t machine);
/* Marks @task as following @task - 1 in one unit; holds only if freeze keeps them neighbours. */
WEFT_API void weft_graph_builder_set_continues (WeftGraphBuilder *builder, uint32_t task);
WEFT_API void weft_graph_builder_want (WeftGraphBuilder *builder, uint32_t task, uint32_t output);

/**
 * weft_graph_builder_freeze:
 * @new_ids: (out) (optional) (array): filled with the frozen id of each builder task; must have room
 *   for all of them
 *
 * Checks everything, makes the arrays and leaves the builder empty. O(tasks + edges).
 *
 * Returns: (transfer full) (nullable): %NULL with an error of WEFT_GRAPH_ERROR that carries the place
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
