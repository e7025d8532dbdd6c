/* weftline-session-time.c: the time that all views show: now, or a moment of the past
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-session-private.h"

#include <glib/gi18n.h>

int64_t
weftline_session_time (WeftlineSession *self)
{
  return self->time_ns;
}

/* Back to what is. */
static void
leave_past (WeftlineSession *self)
{
  bool had_moment = weftline_rewind_moment (self->rewind) != NULL;

  weftline_rewind_forget (self->rewind);
  weftline_eta_then_forget (self->left_then);
  g_signal_emit (self, _weftline_session_signals[TIME], 0);
  if (had_moment)
    g_signal_emit (self, _weftline_session_signals[MOMENT], 0);
}

void
weftline_session_set_time (WeftlineSession *self, int64_t at_ns)
{
  WeftModel *model = weftline_session_model (self);

  if (at_ns != WEFTLINE_NOW && model != NULL)
    at_ns = MIN (at_ns, self->snapshot.complete_ns);
  at_ns = MAX (at_ns, 0);
  if (self->time_ns == at_ns)
    return;
  self->time_ns = at_ns;
  if (at_ns == WEFTLINE_NOW)
    {
      leave_past (self);
      return;
    }
  if (model != NULL)
    weftline_rewind_ask (self->rewind, model, &self->snapshot, at_ns);
  g_signal_emit (self, _weftline_session_signals[TIME], 0);
}

void
weftline_session_step_time (WeftlineSession *self, bool forward)
{
  WeftModel *model = weftline_session_model (self);
  int64_t from_ns = self->time_ns, to_ns;

  if (model == NULL || (forward && from_ns == WEFTLINE_NOW))
    return;
  to_ns = weft_moment_next_event (model, &self->snapshot, from_ns, forward);
  if (forward && (to_ns == from_ns || to_ns > self->snapshot.complete_ns))
    weftline_session_set_time (self, WEFTLINE_NOW);
  else if (to_ns != from_ns)
    weftline_session_set_time (self, to_ns);
}

const WeftMoment *
weftline_session_moment (WeftlineSession *self)
{
  return self->time_ns != WEFTLINE_NOW ? weftline_rewind_moment (self->rewind) : NULL;
}

bool
weftline_session_is_rewinding (WeftlineSession *self)
{
  return self->time_ns != WEFTLINE_NOW && weftline_rewind_is_busy (self->rewind);
}

char *
weftline_session_dup_time_text (WeftlineSession *self)
{
  WeftModel *model = weftline_session_model (self);
  g_autofree char *at = NULL;

  if (self->time_ns == WEFTLINE_NOW || model == NULL)
    return g_strdup ("");
  at = weftline_format_moment (self->time_ns, self->look.time_form, weft_model_wall_ns (model));
  /* Translators: a moment of the run, which all views show */
  return g_strdup_printf (_ ("as of %s"), at);
}

WeftModelState
weftline_session_task_state (WeftlineSession *self, uint32_t task)
{
  const WeftMoment *moment = weftline_session_moment (self);

  if (moment == NULL)
    return weft_model_task_state (weftline_session_model (self), task);
  return task < moment->n_tasks ? moment->states[task] : WEFT_TASK_WAITING;
}

void
weftline_session_status (WeftlineSession *self, WeftlineRunStatus *status)
{
  if (weftline_session_moment (self) != NULL)
    *status = self->status_then;
  else
    weftline_run_status (self->run, status);
}

bool
weftline_session_left (WeftlineSession *self, WeftEta *eta)
{
  if (self->time_ns != WEFTLINE_NOW)
    return weftline_eta_then_get (self->left_then, eta);
  if (!self->left_is_current)
    self->has_left = weftline_eta_now (weftline_eta_of_run (self->run), &self->left);
  self->left_is_current = true;
  if (self->has_left)
    *eta = self->left;
  return self->has_left;
}

char *
weftline_session_dup_left_text (WeftlineSession *self, bool band)
{
  WeftlineRunStatus status;
  WeftEta eta;

  /* of a run that others go on with there is nothing left to wait for, until they do */
  weftline_session_status (self, &status);
  if (status.n_ended == status.n_tasks)
    return NULL;
  return weftline_session_left (self, &eta) ? weftline_eta_text (&eta, band) : NULL;
}

void
weftline_session_get_shown (WeftlineSession *self, int64_t *from_ns, int64_t *to_ns)
{
  *from_ns = self->shown_from_ns;
  *to_ns = self->shown_to_ns;
}

void
weftline_session_show (WeftlineSession *self, int64_t from_ns, int64_t to_ns)
{
  if (to_ns <= from_ns)
    from_ns = to_ns = 0;
  if (self->shown_from_ns == from_ns && self->shown_to_ns == to_ns)
    return;
  self->shown_from_ns = from_ns;
  self->shown_to_ns = to_ns;
  g_signal_emit (self, _weftline_session_signals[SHOWN], 0);
}
