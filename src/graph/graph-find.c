/* graph-find.c: from keys to tasks, and to keys that look like them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Most graphs are never asked for a key, so the tables are made by the first who asks: that of
 * patterns for all graphs of one content, that of keys for the graph. The content's lock is held
 * meanwhile; later callers see the flag (acquire) and take no lock.
 */
#include "config.h"

#include "graph/weft-graph-private.h"

#include "base/weft-nearest-private.h"

#include <string.h>

static void
make_tables (WeftGraph *graph)
{
  pthread_mutex_lock (&graph->content->lock);
  if (!atomic_load_explicit (&graph->key_index_ready, memory_order_relaxed))
    {
      if (graph->content->patterns.table == NULL)
        _weft_intern_reindex (&graph->content->patterns);
      _weft_key_index_reserve (&graph->key_index, &graph->keys, graph->arrays.n_tasks,
                               graph->arrays.n_tasks);
      atomic_store_explicit (&graph->key_index_ready, true, memory_order_release);
    }
  pthread_mutex_unlock (&graph->content->lock);
}

uint32_t
weft_graph_find (const WeftGraph *graph, const char *key, gssize n_chars)
{
  size_t n = n_chars >= 0 ? (size_t) n_chars : strlen (key);
  WeftKeyParts parts;
  uint32_t pattern;

  /* A lazy cache: what can be seen of the graph does not change. */
  if (!atomic_load_explicit (&graph->key_index_ready, memory_order_acquire))
    make_tables ((WeftGraph *) graph);
  if (n > WEFT_KEY_MAX_BYTES)
    return WEFT_NONE;
  _weft_key_parse (key, n, &parts);
  pattern = _weft_key_find (&graph->content->patterns, &parts);
  if (pattern == WEFT_NONE)
    return WEFT_NONE;
  return _weft_key_index_find (&graph->key_index, &graph->keys, pattern, parts.number);
}

/* Keys too long for the buffer are too long to be near anything that is looked for. */
char *
weft_graph_suggest (const WeftGraph *graph, const char *key)
{
  WeftNearest nearest;
  char known[640];

  _weft_nearest_init (&nearest, key, strlen (key));
  for (uint32_t task = 0; task < graph->arrays.n_tasks && nearest.distance > 1; task++)
    {
      size_t n = weft_graph_key (graph, task, known, sizeof known);

      if (n < sizeof known)
        _weft_nearest_offer (&nearest, known, n, task);
    }
  return nearest.best != WEFT_NONE ? weft_graph_dup_key (graph, nearest.best) : NULL;
}
