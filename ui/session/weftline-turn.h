/* weftline-turn.h: what goes into one picture with all else that is shown of a run
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A frame costs the same whatever is new in it, so while a run goes on, views do not draw each when
 * it suits them: what need not be seen at once waits for the next snapshot of the session, with
 * which all others are drawn, too. Main thread only.
 */
#pragma once

#include "session/weftline-session.h"

G_BEGIN_DECLS

/* How long something waits for a picture that does not come. */
#define WEFTLINE_TURN_LATE_MS 150
/* How often figures and curves of a run that goes on are drawn anew, which nobody could read or
 * follow if they were another in each picture. */
#define WEFTLINE_TURN_REFRESH_US (250 * 1000)

/**
 * WeftlineTurn:
 * @session: not owned: weftline_turn_clear() comes first
 * @due_us: of the monotonic clock; G_MAXINT64: nothing is to be done
 *
 * Private.
 */
typedef struct
{
  WeftlineSession *session;
  GSourceOnceFunc work;
  void *data;
  gint64 due_us;
  guint late_source;
} WeftlineTurn;

/* @work: what is to be done each time; it may ask for the next. @turn stays where it is. */
void weftline_turn_init (WeftlineTurn *turn, WeftlineSession *session, GSourceOnceFunc work,
                         void *data);
/* Nothing is done any more. One that is all zeros, or cleared, may be cleared. */
void weftline_turn_clear (WeftlineTurn *turn);

/* Once, however often it is asked for until then: with the first snapshot that is taken at @due_us
 * or later (the snapshot that is being told, if it is not before), and if none comes soon, without.
 * Where no run goes on there is nothing to wait for: then it is done at @due_us, or here and now.
 *
 * @due_us: of the monotonic clock; what is past, such as 0: the next time */
void weftline_turn_want (WeftlineTurn *turn, gint64 due_us);
/* For a view at a snapshot that is being told: while the run goes on WEFTLINE_TURN_REFRESH_US after
 * @updated_us, as weftline_turn_want() has it. Where only the time has passed, and at a pause and
 * the end, here and now, in one picture with all else. */
void weftline_turn_refresh (WeftlineTurn *turn, gint64 updated_us);
/* Whether it is asked for and not done yet. */
bool weftline_turn_is_wanted (const WeftlineTurn *turn);
/* It need not be done. */
void weftline_turn_forget (WeftlineTurn *turn);

G_END_DECLS
