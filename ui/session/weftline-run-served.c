/* weftline-run-served.c: a run that another program has, as the local socket tells of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-run-served.h"

#include "session/weftline-json.h"
#include "session/weftline-recorded.h"
#include "session/weftline-served.h"

#include <glib/gi18n.h>

struct _WeftlineRunServed
{
  WeftlineRunFile base;

  WeftServedRun told; /* last; its texts are owned */
  bool was_over;      /* when it was heard of */
  WeftlineCapabilities can;
  WeftlineBreaks *breaks;
  const WeftlineServedFuncs *funcs; /* NULL: it is not served any more */
  void *data;
};

static void iface_init (WeftlineRunInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WeftlineRunServed, weftline_run_served, WEFTLINE_TYPE_RUN_FILE,
                               G_IMPLEMENT_INTERFACE (WEFTLINE_TYPE_RUN, iface_init))

/* ---- what it can ----------------------------------------------------------------------------- */

/* Who reports a run cannot promise these: it is the server's own, and takes all that “set” has. */
#define OWN                                                                  \
  (WEFT_SERVER_CAN (WEFT_SERVER_START) | WEFT_SERVER_CAN (WEFT_SERVER_BREAK) \
   | WEFT_SERVER_CAN (WEFT_SERVER_EXTEND) | WEFT_SERVER_CAN (WEFT_SERVER_RESULT))

/* What requests are to the window. A pause without a way on would be a trap. */
static WeftlineCapabilities
capabilities_of (uint32_t can)
{
  static const struct
  {
    WeftServerVerb verb;
    WeftlineCapabilities can;
  } known[] = {
    { WEFT_SERVER_START, WEFTLINE_CAN_RUN },
    { WEFT_SERVER_PAUSE, WEFTLINE_CAN_PAUSE },
    { WEFT_SERVER_STEP, WEFTLINE_CAN_STEP },
    { WEFT_SERVER_CANCEL, WEFTLINE_CAN_CANCEL },
    { WEFT_SERVER_BREAK, WEFTLINE_CAN_BREAK },
    { WEFT_SERVER_SET, WEFTLINE_CAN_SET_WORKERS | WEFTLINE_CAN_SET_MEMORY_LIMIT },
  };
  unsigned all = 0;

  for (unsigned i = 0; i < G_N_ELEMENTS (known); i++)
    if ((can & WEFT_SERVER_CAN (known[i].verb)) != 0)
      all |= known[i].can;
  if ((can & WEFT_SERVER_CAN (WEFT_SERVER_RESUME)) == 0)
    all &= ~(unsigned) (WEFTLINE_CAN_PAUSE | WEFTLINE_CAN_STEP | WEFTLINE_CAN_BREAK);
  if ((all & WEFTLINE_CAN_PAUSE) != 0)
    all |= WEFTLINE_CAN_RUN; /* its button goes on, too */
  if ((can & WEFT_SERVER_CAN (WEFT_SERVER_SET)) != 0 && (can & OWN) != 0)
    all |= WEFTLINE_CAN_SET_SPEED;
  return all;
}

static WeftlineCapabilities
get_capabilities (WeftlineRun *run)
{
  return WEFTLINE_CAN_SAVE | WEFTLINE_RUN_SERVED (run)->can;
}

static bool
goes_on (WeftlineRun *run)
{
  WeftlineRunServed *self = WEFTLINE_RUN_SERVED (run);

  return self->funcs != NULL && self->funcs->goes_on;
}

/* ---- facts ----------------------------------------------------------------------------------- */

static const char *
get_kind (WeftlineRun *run)
{
  const char *source = WEFTLINE_RUN_SERVED (run)->told.source;

  /* Translators: a run of another program, which tells of it through the socket */
  return source != NULL ? source : _ ("observed");
}

static int64_t
elapsed_ns (const WeftServedRun *told)
{
  int64_t end_ns = told->ended_wall_ns != 0 ? told->ended_wall_ns : g_get_real_time () * 1000;

  return told->begun_wall_ns != 0 ? MAX (end_ns - told->begun_wall_ns, 0) : 0;
}

/* Until it is read. */
static void
get_status (WeftlineRun *run, WeftlineRunStatus *status)
{
  WeftlineRunServed *self = WEFTLINE_RUN_SERVED (run);
  const WeftServedRun *told = &self->told;

  if (self->base.feed != NULL)
    {
      weftline_recorded_status (self->base.feed, status);
      if (self->was_over && weftline_feed_state (self->base.feed) < WEFT_FEED_ENDED)
        status->phase = told->phase; /* nobody is told that it goes on, while it is read */
      return;
    }
  *status = (WeftlineRunStatus){ .phase = told->phase,
                                 .known = true,
                                 .n_tasks = told->n_tasks,
                                 .n_ended = told->n_done + told->n_failed,
                                 .n_running = told->n_running,
                                 .n_erred = told->n_failed,
                                 .elapsed_ns = elapsed_ns (told) };
}

static void
show (WeftlineRun *run)
{
  WeftlineRunServed *self = WEFTLINE_RUN_SERVED (run);

  if (self->base.feed == NULL && self->funcs != NULL && self->funcs->show != NULL)
    self->funcs->show (run, self->data);
}

/* ---- commands -------------------------------------------------------------------------------- */

static void
tell (WeftlineRun *run, WeftServerVerb verb, const char *members_json)
{
  WeftlineRunServed *self = WEFTLINE_RUN_SERVED (run);

  if (self->funcs != NULL)
    self->funcs->command (run, verb, members_json, self->data);
}

static void
command_start (WeftlineRun *run)
{
  tell (run,
        WEFTLINE_RUN_SERVED (run)->told.phase == WEFT_RUN_PREPARED ? WEFT_SERVER_START
                                                                   : WEFT_SERVER_RESUME,
        NULL);
}

static void
command_pause (WeftlineRun *run)
{
  tell (run, WEFT_SERVER_PAUSE, NULL);
}

static void
command_resume (WeftlineRun *run)
{
  tell (run, WEFT_SERVER_RESUME, NULL);
}

static void
command_step (WeftlineRun *run)
{
  tell (run, WEFT_SERVER_STEP, NULL);
}

static void
command_cancel (WeftlineRun *run)
{
  tell (run, WEFT_SERVER_CANCEL, NULL);
}

static void
set_number (WeftlineRun *run, const char *member, uint64_t number)
{
  g_autofree char *members = g_strdup_printf ("{\"%s\": %" G_GUINT64_FORMAT "}", member, number);

  tell (run, WEFT_SERVER_SET, members);
}

static void
command_set_workers (WeftlineRun *run, uint32_t n_workers)
{
  set_number (run, "workers", n_workers);
}

static void
command_set_memory_limit (WeftlineRun *run, uint64_t n_bytes)
{
  set_number (run, "memory_limit", n_bytes);
}

static void
command_set_delay (WeftlineRun *run, int64_t delay_ns)
{
  set_number (run, "delay_ns", (uint64_t) MAX (delay_ns, 0));
}

/* ---- where it stops -------------------------------------------------------------------------- */

/* What was asked for from here; one above an amount of memory that was hit is not there then. */
static const WeftlineBreaks *
get_breaks (WeftlineRun *run)
{
  WeftlineRunServed *self = WEFTLINE_RUN_SERVED (run);

  if ((self->can & WEFTLINE_CAN_BREAK) == 0)
    return NULL;
  if (self->base.feed != NULL)
    weftline_breaks_look (self->breaks, weftline_feed_model (self->base.feed));
  return self->breaks;
}

/* (transfer full) */
static char *
members_of_break (const WeftlineBreak *what, bool on)
{
  GString *json = g_string_new ("{");

  if (what->kind == WEFTLINE_BREAK_AT_GROUP)
    {
      g_string_append (json, "\"group\": ");
      weftline_json_append (json, what->group);
    }
  else if (what->kind == WEFTLINE_BREAK_ABOVE_BYTES)
    g_string_append_printf (json, "\"bytes\": %" G_GUINT64_FORMAT, what->n_bytes);
  else
    g_string_append (json, "\"error\": true");
  g_string_append (json, on ? "}" : ", \"clear\": true}");
  return g_string_free (json, FALSE);
}

static void
command_set_break (WeftlineRun *run, const WeftlineBreak *what, bool on)
{
  WeftlineRunServed *self = WEFTLINE_RUN_SERVED (run);
  g_autofree char *members = members_of_break (what, on);

  get_breaks (run);
  if (!weftline_breaks_set (self->breaks, what, on))
    return;
  if (on && what->kind == WEFTLINE_BREAK_ABOVE_BYTES)
    weftline_breaks_told_bytes (self->breaks);
  tell (run, WEFT_SERVER_BREAK, members);
  weftline_run_changed (run);
}

static void
iface_init (WeftlineRunInterface *iface)
{
  iface->capabilities = get_capabilities;
  iface->kind = get_kind;
  iface->status = get_status;
  iface->goes_on = goes_on;
  iface->show = show;
  iface->start = command_start;
  iface->pause = command_pause;
  iface->resume = command_resume;
  iface->step = command_step;
  iface->cancel = command_cancel;
  iface->set_workers = command_set_workers;
  iface->set_memory_limit = command_set_memory_limit;
  iface->set_delay = command_set_delay;
  iface->breaks = get_breaks;
  iface->set_break = command_set_break;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_run_served_finalize (GObject *object)
{
  WeftlineRunServed *self = WEFTLINE_RUN_SERVED (object);

  weftline_served_clear (&self->told);
  weftline_breaks_free (self->breaks);
  G_OBJECT_CLASS (weftline_run_served_parent_class)->finalize (object);
}

static void
weftline_run_served_class_init (WeftlineRunServedClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_run_served_finalize;
}

static void
weftline_run_served_init (WeftlineRunServed *self)
{
  self->breaks = weftline_breaks_new ();
}

WeftlineRun *
weftline_run_served_new (const WeftServedRun *served, const WeftlineServedFuncs *funcs, void *data)
{
  WeftlineRunServed *self = g_object_new (WEFTLINE_TYPE_RUN_SERVED, NULL);

  self->base.name = g_strdup (served->name);
  self->base.path = g_strdup (served->path);
  self->base.is_told = true;
  weftline_served_copy (&self->told, served);
  self->can = capabilities_of (served->phase >= WEFT_RUN_DONE ? 0 : served->can);
  self->was_over = served->phase >= WEFT_RUN_DONE;
  self->funcs = funcs;
  self->data = data;
  return WEFTLINE_RUN (self);
}

const WeftServedRun *
weftline_run_served_told (WeftlineRunServed *self)
{
  return &self->told;
}

uint64_t
weftline_run_served_id (WeftlineRunServed *self)
{
  return self->told.id;
}

void
weftline_run_served_update (WeftlineRunServed *self, const WeftServedRun *served)
{
  bool over = served->phase >= WEFT_RUN_DONE;
  WeftlineCapabilities can = over ? 0 : capabilities_of (served->can);
  bool is_new = self->can != can || self->base.feed == NULL;

  self->can = can;
  if (served->trouble != NULL && g_strcmp0 (served->trouble, self->told.trouble) != 0)
    weftline_run_refuse (WEFTLINE_RUN (self), served->trouble);
  weftline_served_clear (&self->told);
  weftline_served_copy (&self->told, served);
  if (self->base.path == NULL)
    self->base.path = g_strdup (served->path);
  if (is_new)
    weftline_run_changed (WEFTLINE_RUN (self));
}

void
weftline_run_served_gone (WeftlineRunServed *self, const char *reason)
{
  self->can = 0;
  self->funcs = NULL;
  if (self->base.feed == NULL && self->told.phase < WEFT_RUN_DONE)
    {
      self->told.phase = WEFT_RUN_INTERRUPTED;
      self->base.message = g_strdup (reason);
    }
  weftline_run_file_no_more (&self->base, reason);
  weftline_run_changed (WEFTLINE_RUN (self));
}
