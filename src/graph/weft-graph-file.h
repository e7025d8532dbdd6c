/* weft-graph-file.h: reading and writing graph files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph-builder.h"

typedef enum
{
  WEFT_GRAPH_FORMAT_AUTO = 0,
  WEFT_GRAPH_FORMAT_NATIVE,    /* "*.json" with "weftline": 1: data/weftline-graph.schema.json */
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

/**
 * weft_graph_read_file:
 * @path: of the file; "-": standard input
 * @format: AUTO looks at the contents first, then at @path's ending
 *
 * Reads the whole file, then does what weft_graph_read_bytes() does. Any thread.
 *
 * Returns: (transfer full) (nullable): %NULL with a WEFT_GRAPH_ERROR, IO when it cannot be read
 */
WEFT_API WeftGraph *weft_graph_read_file (const char *path, WeftGraphFormat format, GError **error);

typedef bool (*WeftWriteFunc) (const char *bytes, size_t n_bytes, void *data, GError **error);

/**
 * weft_graph_write:
 * @format: AUTO: the native one
 * @write: (scope call): called with pieces of some 64 KiB; %FALSE with an error stops
 * @data: for @write
 * @lost: (out) (optional) (nullable) (transfer full): what the format cannot say (operations in
 *   DOT) and was left out, in one line; %NULL when nothing was. Untouched on failure
 *
 * Any thread. Errors: those of @write, and UNSUPPORTED for graphs with in-process constants.
 *
 * Returns: whether all was written
 */
WEFT_API bool weft_graph_write (const WeftGraph *graph, WeftGraphFormat format, WeftWriteFunc write,
                                void *data, char **lost, GError **error);

/**
 * weft_graph_write_file:
 * @format: AUTO goes by @path's ending
 * @path: "-": standard output
 * @lost: as weft_graph_write()
 *
 * Writes beside the file and renames, so a failure leaves what was there; pipes and devices are
 * written to. Any thread. Errors: as weft_graph_write(), and IO.
 *
 * Returns: whether the file was written
 */
WEFT_API bool weft_graph_write_file (const WeftGraph *graph, WeftGraphFormat format,
                                     const char *path, char **lost, GError **error);

/**
 * weft_graph_format_name:
 * @format: any
 *
 * Returns: (transfer none) (nullable): its name on the command line; %NULL for what is no format
 */
WEFT_API const char *weft_graph_format_name (WeftGraphFormat format);
