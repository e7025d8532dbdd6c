/* weft-graph-file.h: reading and writing graph files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph-builder.h"

typedef enum
{
  WEFT_GRAPH_FORMAT_AUTO = 0,
  WEFT_GRAPH_FORMAT_NATIVE,    /* "*.json" with "weftline": 1; schema: data/weftline-graph.schema.json */
  WEFT_GRAPH_FORMAT_WFCOMMONS, /* WfFormat 1.5 */
  WEFT_GRAPH_FORMAT_DOT,
  WEFT_GRAPH_FORMAT_DAGMAN,
} WeftGraphFormat;

/**
 * weft_graph_read_bytes:
 * @bytes: the whole input
 * @file: name for error messages
 * @format: AUTO looks at the contents first, then at @file's ending
 *
 * Streams through @bytes once, without a document tree. Any thread.
 *
 * Returns: (transfer full) (nullable): %NULL with a WEFT_GRAPH_ERROR "file:line:column: …"
 */
WEFT_API WeftGraph *weft_graph_read_bytes (const char *bytes, size_t n_bytes, const char *file,
                                           WeftGraphFormat format, GError **error);
/* The same from a file ("-": standard input). */
WEFT_API WeftGraph *weft_graph_read_file (const char *path, WeftGraphFormat format, GError **error);

typedef bool (*WeftWriteFunc) (const char *bytes, size_t n_bytes, void *data, GError **error);

/* Writes in pieces of some 64 KiB. What a format cannot say (operations in DOT) is left out; @lost
 * (out) (optional) (transfer full) then says what, in one line. */
WEFT_API bool weft_graph_write (const WeftGraph *graph, WeftGraphFormat format, WeftWriteFunc write,
                                void *data, char **lost, GError **error);
WEFT_API bool weft_graph_write_file (const WeftGraph *graph, WeftGraphFormat format,
                                     const char *path, char **lost, GError **error);

WEFT_API const char *weft_graph_format_name (WeftGraphFormat format);
