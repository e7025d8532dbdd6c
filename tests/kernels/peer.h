/* peer.h: the same calls worked out by Python
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Calls are collected as lines {"op", "args", "ours"} of JSON; tests/kernels/peer.py reads them,
 * works each out by itself and prints those where it comes to something else. What fails here must
 * fail there.
 */
#pragma once

#include "kernels/call-op.h"

typedef struct
{
  const char *family;
  GString *tasks; /* one graph of all calls, each wanted */
  GPtrArray *ops;
  GPtrArray *args;
} Peer;

static inline Peer *
peer_new (const char *family)
{
  Peer *peer = g_new0 (Peer, 1);

  peer->family = family;
  peer->tasks = g_string_new (NULL);
  peer->ops = g_ptr_array_new_with_free_func (g_free);
  peer->args = g_ptr_array_new_with_free_func (g_free);
  return peer;
}

static inline void
peer_free (Peer *peer)
{
  g_string_free (peer->tasks, TRUE);
  g_ptr_array_unref (peer->ops);
  g_ptr_array_unref (peer->args);
  g_free (peer);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Peer, peer_free)

/* @args: a JSON list */
static inline void
peer_add (Peer *peer, const char *op, const char *args)
{
  g_string_append_printf (peer->tasks, "%s\"t%u\": {\"op\": \"%s\", \"args\": %s}",
                          peer->ops->len > 0 ? ", " : "", peer->ops->len, op, args);
  g_ptr_array_add (peer->ops, g_strdup (op));
  g_ptr_array_add (peer->args, g_strdup (args));
}

static inline void
peer_write (Peer *peer, const char *path)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  TestRun *run = test_run_new (registry, test_graph (peer->tasks->str), &error);

  g_assert_no_error (error);
  for (uint32_t task = 0; task < run->arrays->n_tasks; task++)
    {
      bool failed = test_run_task (run, task) != WEFT_OK;
      g_autofree char *key = weft_graph_dup_key (run->graph, task);
      guint k = (guint) atoi (key + 1);
      g_autofree char *ours = failed ? g_strdup ("{\"failed\": true}")
                                     : weft_value_to_text (&run->slots[task], true, 0);

      g_string_append_printf (lines, "{\"op\": \"%s\", \"args\": %s, \"ours\": %s}\n",
                              (char *) peer->ops->pdata[k], (char *) peer->args->pdata[k], ours);
    }
  g_file_set_contents (path, lines->str, (gssize) lines->len, &error);
  g_assert_no_error (error);
  test_run_free (run);
  weft_op_registry_unref (registry);
}

static inline void
peer_check (Peer *peer)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "calls.jsonl", NULL);
  g_autofree char *script = test_source_path ("kernels/peer.py");
  g_autoptr (GError) error = NULL;
  g_autofree char *out = NULL, *err = NULL;
  char *argv[] = { (char *) "/usr/bin/python3", script, (char *) peer->family, path, NULL };
  int status;

  peer_write (peer, path);
  g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, &status, &error);
  g_assert_no_error (error);
  if (status != 0)
    g_error ("Python comes to other results:\n%s%s", out, err);
}
