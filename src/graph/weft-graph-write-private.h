/* weft-graph-write-private.h: what the writers of graph files share
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A writer puts its text into a sink, which hands it on in pieces of some 64 KiB. After the first
 * failed piece a sink takes and drops everything; the writer sees it at _weft_sink_finish().
 */
#pragma once

#include "graph/weft-graph-file.h"

#define WEFT_SINK_BYTES 65536

typedef struct
{
  WeftWriteFunc write;
  void *data;
  GError *error; /* (nullable) (owned) */
  size_t n;
  char bytes[WEFT_SINK_BYTES];
} WeftSink;

/* (transfer full): sinks are too big for the stack */
WeftSink *_weft_sink_new (WeftWriteFunc write, void *data);
/* Writes the rest, frees. Returns: false with the first error of all */
bool _weft_sink_finish (WeftSink *sink, GError **error);

void _weft_sink_chars (WeftSink *sink, const char *chars, size_t n_chars);
void _weft_sink_text (WeftSink *sink, const char *text);
void _weft_sink_printf (WeftSink *sink, const char *format, ...) G_GNUC_PRINTF (2, 3);
void _weft_sink_int64 (WeftSink *sink, int64_t value);
/* The shortest decimal that reads back as the same double and is not taken for an integer.
 * Finite. */
void _weft_sink_float64 (WeftSink *sink, double value);
/* With quotes and escapes. */
void _weft_sink_json_string (WeftSink *sink, const char *chars, size_t n_chars);

/* A writer leaves out what its format cannot say and tells in @lost (transfer full) what that
 * was. */
typedef bool (*WeftGraphWriteFunc) (const WeftGraph *graph, WeftSink *sink, char **lost,
                                    GError **error);

bool _weft_graph_write_native (const WeftGraph *graph, WeftSink *sink, char **lost, GError **error);
bool _weft_graph_write_wfcommons (const WeftGraph *graph, WeftSink *sink, char **lost,
                                  GError **error);
bool _weft_graph_write_dot (const WeftGraph *graph, WeftSink *sink, char **lost, GError **error);
bool _weft_graph_write_dagman (const WeftGraph *graph, WeftSink *sink, char **lost, GError **error);

/* The error of a graph that no file format can hold: "… cannot be written to a file: it @why". */
bool _weft_graph_set_unwritable (GError **error, const char *why);
