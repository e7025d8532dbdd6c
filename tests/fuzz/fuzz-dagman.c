/* fuzz-dagman.c: reads arbitrary bytes as DAGMan input files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "fuzz-graph.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes)
{
  return fuzz_graph (data, n_bytes, WEFT_GRAPH_FORMAT_DAGMAN);
}
