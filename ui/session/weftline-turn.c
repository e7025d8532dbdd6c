/* weftline-turn.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-turn.h"

static void
do_it (WeftlineTurn *turn)
{
  weftline_turn_forget (turn);
  turn->work (turn->data);
}

/* Behind the handlers of all views, which may have asked for it. */
static void
snapshot_cb (WeftlineTurn *turn)
{
  if (turn->due_us <= g_get_monotonic_time ())
    do_it (turn);
}

static gboolean
late_cb (void *data)
{
  WeftlineTurn *turn = data;

  turn->late_source = 0;
  do_it (turn);
  return G_SOURCE_REMOVE;
}

void
weftline_turn_init (WeftlineTurn *turn, WeftlineSession *session, GSourceOnceFunc work, void *data)
{
  *turn = (WeftlineTurn){ .session = session, .work = work, .data = data, .due_us = G_MAXINT64 };
  g_signal_connect_data (session, "snapshot-changed", G_CALLBACK (snapshot_cb), turn, NULL,
                         G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

void
weftline_turn_clear (WeftlineTurn *turn)
{
  if (turn->session == NULL)
    return;
  weftline_turn_forget (turn);
  g_signal_handlers_disconnect_by_data (turn->session, turn);
  turn->session = NULL;
}

void
weftline_turn_want (WeftlineTurn *turn, gint64 due_us)
{
  bool is_live = weftline_session_snapshot (turn->session)->phase == WEFT_RUN_RUNNING;
  gint64 wait_us = MAX (due_us - g_get_monotonic_time (), 0);

  if (turn->due_us <= due_us)
    return;
  weftline_turn_forget (turn);
  turn->due_us = due_us;
  if (!is_live && wait_us == 0)
    do_it (turn);
  else
    turn->late_source = g_timeout_add (
        (guint) (wait_us / 1000) + 1 + (is_live ? WEFTLINE_TURN_LATE_MS : 0), late_cb, turn);
}

void
weftline_turn_refresh (WeftlineTurn *turn, gint64 updated_us)
{
  if (weftline_session_only_time_passed (turn->session)
      || weftline_session_snapshot (turn->session)->phase != WEFT_RUN_RUNNING)
    do_it (turn);
  else
    weftline_turn_want (turn, updated_us + WEFTLINE_TURN_REFRESH_US);
}

void
weftline_turn_forget (WeftlineTurn *turn)
{
  g_clear_handle_id (&turn->late_source, g_source_remove);
  turn->due_us = G_MAXINT64;
}

bool
weftline_turn_is_wanted (const WeftlineTurn *turn)
{
  return turn->session != NULL && turn->due_us != G_MAXINT64;
}
