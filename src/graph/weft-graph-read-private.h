/* weft-graph-read-private.h: what the readers of graph files share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A reader goes over the bytes once and writes what it finds into a builder, telling it the place
 * of each thing before it adds it (weft_graph_builder_set_location()): of the operation before a
 * call is begun, of a reference before weft_graph_builder_mention(), of the key before a task is
 * added. It does not freeze: weft_graph_read_bytes() does, and reports cycles, missing and double
 * keys and empty graphs at those places, alike for all formats.
 *
 * Messages are "file:line:column: found …, expected …"; where that form does not fit, one sentence
 * that says what is wrong, and after a semicolon how to mend it. Names and texts of the input
 * stand in “ ”.
 */
#pragma once

#include "graph/weft-graph-file.h"

/**
 * WeftGraphReadFunc:
 * @file: (not nullable): name for messages
 * @builder: an empty one
 * @error: a WEFT_GRAPH_ERROR with the place
 *
 * Returns: false with an error; the builder's content is then of no meaning
 */
typedef bool (*WeftGraphReadFunc) (const char *bytes, size_t n_bytes, const char *file,
                                   WeftGraphBuilder *builder, GError **error);

bool _weft_graph_read_native (const char *bytes, size_t n_bytes, const char *file,
                              WeftGraphBuilder *builder, GError **error);
bool _weft_graph_read_wfcommons (const char *bytes, size_t n_bytes, const char *file,
                                 WeftGraphBuilder *builder, GError **error);
bool _weft_graph_read_dot (const char *bytes, size_t n_bytes, const char *file,
                           WeftGraphBuilder *builder, GError **error);
bool _weft_graph_read_dagman (const char *bytes, size_t n_bytes, const char *file,
                              WeftGraphBuilder *builder, GError **error);

/* ---- errors ---------------------------------------------------------------------------------- */

/* Sets "file:line:column: " (as far as known) and the text. Returns: false */
bool _weft_graph_set_error (GError **error, WeftGraphError code, const WeftLocation *where,
                            const char *format, ...) G_GNUC_PRINTF (4, 5);
bool _weft_graph_set_error_va (GError **error, WeftGraphError code, const WeftLocation *where,
                               const char *format, va_list args) G_GNUC_PRINTF (4, 0);
/* Text of the input for a message: in “ ”, control characters and bytes that are not UTF-8 as
 * \xNN, cut to some 60 bytes with “…”. (transfer full) */
char *_weft_quote (const char *chars, size_t n_chars);
/* Line and column (from 1, in bytes) of an offset. O(offset): for errors, or for readers that
 * come by offsets only now and then. */
void _weft_locate (const char *bytes, size_t n_bytes, size_t offset, const char *file,
                   WeftLocation *where);

/* ---- inputs of one task ---------------------------------------------------------------------- */

/**
 * WeftInputSet:
 *
 * The distinct (task, output) pairs of one task in order of first use: what
 * weft_graph_builder_add_task() wants. Zeroed is empty. Adding is O(1), however many there are.
 */
typedef struct
{
  WeftTaskOutput *pairs; /* n */
  uint32_t n;
  uint32_t n_room;
  uint32_t *index; /* hash table of pair numbers + 1, once there are many */
  uint32_t index_mask;
} WeftInputSet;

/* Returns: the pair's slot, new or old */
uint32_t _weft_input_set_add (WeftInputSet *set, uint32_t task, uint32_t output);
/* Empty again, memory kept for the next task. */
void _weft_input_set_reset (WeftInputSet *set);
void _weft_input_set_clear (WeftInputSet *set);

/* ---- where an argument stands ---------------------------------------------------------------- */

typedef enum
{
  WEFT_ARGUMENT_NONE,       /* no argument is meant */
  WEFT_ARGUMENT_POSITIONAL, /* argument `index`, from 0 */
  WEFT_ARGUMENT_NAME,       /* the name of a keyword argument … */
  WEFT_ARGUMENT_VALUE,      /* … and its value */
} WeftArgumentKind;

typedef struct
{
  WeftArgumentKind kind;
  uint32_t index;
  const char *name; /* not 0-terminated */
  size_t n_name;
} WeftArgumentPlace;

/* Line and column of an argument of the task of that key in a native graph file, which is read
 * again. Returns: whether it is there; else @where stays as it is */
bool _weft_graph_locate_argument (const char *file, const char *key,
                                  const WeftArgumentPlace *argument, WeftLocation *where);

/* ---- the builder, as only readers need it ---------------------------------------------------- */

/* If nobody wants anything at freeze: all outputs of all tasks without dependents are wanted. */
void _weft_graph_builder_want_sinks (WeftGraphBuilder *builder);
/* The name of the input file; without it the file of the location last set is taken. Copied. */
void _weft_graph_builder_set_file (WeftGraphBuilder *builder, const char *file);
/* One line about something that is left out or missing though the graph is good: see
 * weft_graph_note(). */
void _weft_graph_builder_note (WeftGraphBuilder *builder, const WeftLocation *where,
                               const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Say of the open call what was not known at its beginning. */
void _weft_graph_builder_set_call_op (WeftGraphBuilder *builder, const char *op, gssize n_chars);
void _weft_graph_builder_set_call_outputs (WeftGraphBuilder *builder, uint32_t n_outputs);
void _weft_graph_builder_set_call_version (WeftGraphBuilder *builder, uint32_t op_version);
/* Tasks there are, mentioned ones included. */
uint32_t _weft_graph_builder_n_tasks (const WeftGraphBuilder *builder);
/* Whether a mentioned task was added as well. */
bool _weft_graph_builder_is_defined (const WeftGraphBuilder *builder, uint32_t task);
/* weft_graph_builder_add_task() for a task that was mentioned before. */
void _weft_graph_builder_define (WeftGraphBuilder *builder, uint32_t task, uint32_t call,
                                 const WeftTaskOutput *inputs, uint32_t n_inputs);
/* Whether a mistake was made that freeze will report: going on is of no use. */
bool _weft_graph_builder_has_failed (const WeftGraphBuilder *builder);
/* Writes a task's key like weft_graph_key(). */
size_t _weft_graph_builder_key (const WeftGraphBuilder *builder, uint32_t task, char *buffer,
                                size_t size);
/* Known id of a key, or WEFT_NONE. */
uint32_t _weft_graph_builder_find (WeftGraphBuilder *builder, const char *key, gssize n_chars);
/* The existing key nearest to @key. (transfer full) (nullable) */
char *_weft_graph_builder_suggest (const WeftGraphBuilder *builder, const char *key);
/* weft_graph_builder_string() for text that is not 0-terminated. */
uint32_t _weft_graph_builder_string_n (WeftGraphBuilder *builder, const char *chars,
                                       size_t n_chars);
/* Forgets everything, as new. */
void _weft_graph_builder_reset (WeftGraphBuilder *builder);
