/* client-fixture.h: clients of a peer, and how to find what it heard
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "server/client-peer.h"
#include "server/weft-client-private.h"

static inline WeftClient *
open_client (const Peer *peer)
{
  g_autoptr (GError) error = NULL;
  WeftClientOptions options = { .name = "simulation",
                                .worker = "rank 3",
                                .address = peer->address };
  WeftClient *client = weft_client_open (&options, &error);

  g_assert_no_error (error);
  g_assert_true (weft_client_is_listening (client));
  return client;
}

static inline WeftClient *
open_elsewhere (const char *dir)
{
  g_autofree char *address = g_build_filename (dir, "nobody", NULL);
  g_autoptr (GError) error = NULL;
  WeftClient *client = weft_client_open (&(WeftClientOptions){ .address = address }, &error);

  g_assert_no_error (error);
  return client;
}

static inline uint64_t
now_ns (void)
{
  return (uint64_t) weft_clock_mono_ns ();
}

static inline bool
is_running (const PeerRecord *heard)
{
  return heard->record.kind == WEFT_RECORD_TASK
         && weft_record_outcome (&heard->record) == WEFT_OUTCOME_RUNNING;
}

static inline const char *
key_of (const Peer *peer, const PeerRecord *heard)
{
  return peer->keys->pdata[heard->record.task];
}

/* The only span of the task that has ended. */
static inline const PeerRecord *
find_span (const Peer *peer, const char *key)
{
  const PeerRecord *found = NULL;

  for (guint i = 0; i < peer->records->len; i++)
    {
      const PeerRecord *heard = &g_array_index (peer->records, PeerRecord, i);

      if (heard->record.kind != WEFT_RECORD_TASK || is_running (heard)
          || strcmp (key_of (peer, heard), key) != 0)
        continue;
      g_assert_null (found);
      found = heard;
    }
  g_assert_nonnull (found);
  return found;
}

static inline uint64_t
n_spans (const Peer *peer)
{
  uint64_t n = 0;

  for (guint i = 0; i < peer->records->len; i++)
    {
      const PeerRecord *heard = &g_array_index (peer->records, PeerRecord, i);

      n += heard->record.kind == WEFT_RECORD_TASK && !is_running (heard);
    }
  return n;
}

static inline uint32_t
lane_named (const Peer *peer, const char *name)
{
  for (guint i = 1; i < peer->lanes->len; i++)
    if (strcmp (((PeerLane *) peer->lanes->pdata[i])->name, name) == 0)
      return i;
  g_test_message ("no lane is called %s", name);
  g_test_fail ();
  return 0;
}
