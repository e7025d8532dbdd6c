/* weftline-run-served.c: a run that another program has, as the local socket tells of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-run-served.h"

#include <glib/gi18n.h>

struct _WeftlineRunServed
{
  WeftlineRunFile base;

  uint64_t id;
  char *source;
  char *trouble; /* (nullable): with its file, as it was told last */
  WeftlineCapabilities can;
  WeftlineServedFunc command;
  void *data;
};

static void iface_init (WeftlineRunInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WeftlineRunServed, weftline_run_served, WEFTLINE_TYPE_RUN_FILE,
                               G_IMPLEMENT_INTERFACE (WEFTLINE_TYPE_RUN, iface_init))

/* What requests are to the window. A pause without a way on would be a trap. */
static WeftlineCapabilities
capabilities_of (uint32_t can)
{
  static const struct
  {
    WeftServerVerb verb;
    WeftlineCapabilities can;
  } known[] = {
    { WEFT_SERVER_PAUSE, WEFTLINE_CAN_PAUSE },
    { WEFT_SERVER_STEP, WEFTLINE_CAN_STEP },
    { WEFT_SERVER_CANCEL, WEFTLINE_CAN_CANCEL },
    { WEFT_SERVER_SET, WEFTLINE_CAN_SET_WORKERS | WEFTLINE_CAN_SET_MEMORY_LIMIT },
  };
  unsigned all = 0;

  for (unsigned i = 0; i < G_N_ELEMENTS (known); i++)
    if ((can & WEFT_SERVER_CAN (known[i].verb)) != 0)
      all |= known[i].can;
  if ((can & WEFT_SERVER_CAN (WEFT_SERVER_RESUME)) == 0)
    all &= ~(unsigned) (WEFTLINE_CAN_PAUSE | WEFTLINE_CAN_STEP);
  return all;
}

static WeftlineCapabilities
get_capabilities (WeftlineRun *run)
{
  return WEFTLINE_CAN_SAVE | WEFTLINE_RUN_SERVED (run)->can;
}

static const char *
get_kind (WeftlineRun *run)
{
  return WEFTLINE_RUN_SERVED (run)->source;
}

/* ---- commands -------------------------------------------------------------------------------- */

static void
tell (WeftlineRun *run, WeftServerVerb verb, const char *members_json)
{
  WeftlineRunServed *self = WEFTLINE_RUN_SERVED (run);

  if (self->command != NULL)
    self->command (run, verb, members_json, self->data);
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
command_set_workers (WeftlineRun *run, uint32_t n_workers)
{
  g_autofree char *members = g_strdup_printf ("{\"workers\": %u}", n_workers);

  tell (run, WEFT_SERVER_SET, members);
}

static void
command_set_memory_limit (WeftlineRun *run, uint64_t n_bytes)
{
  g_autofree char *members = g_strdup_printf ("{\"memory_limit\": %" G_GUINT64_FORMAT "}", n_bytes);

  tell (run, WEFT_SERVER_SET, members);
}

static void
iface_init (WeftlineRunInterface *iface)
{
  iface->capabilities = get_capabilities;
  iface->kind = get_kind;
  iface->pause = command_pause;
  iface->resume = command_resume;
  iface->step = command_step;
  iface->cancel = command_cancel;
  iface->set_workers = command_set_workers;
  iface->set_memory_limit = command_set_memory_limit;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_run_served_finalize (GObject *object)
{
  WeftlineRunServed *self = WEFTLINE_RUN_SERVED (object);

  g_free (self->source);
  g_free (self->trouble);
  G_OBJECT_CLASS (weftline_run_served_parent_class)->finalize (object);
}

static void
weftline_run_served_class_init (WeftlineRunServedClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_run_served_finalize;
}

static void
weftline_run_served_init (WeftlineRunServed *self G_GNUC_UNUSED)
{
}

WeftlineRun *
weftline_run_served_new (const WeftServedRun *served, WeftlineServedFunc command, void *data,
                         GError **error)
{
  WeftlineRun *run = weftline_run_file_new_of (WEFTLINE_TYPE_RUN_SERVED, served->path, error);
  WeftlineRunServed *self;

  if (run == NULL)
    return NULL;
  self = WEFTLINE_RUN_SERVED (run);
  g_free (self->base.name);
  self->base.name = g_strdup (served->name);
  self->base.is_told = true;
  self->id = served->id;
  /* Translators: a run of another program, which tells of it through the socket */
  self->source = g_strdup (served->source != NULL ? served->source : _ ("observed"));
  self->can = capabilities_of (served->can);
  self->command = command;
  self->data = data;
  return run;
}

uint64_t
weftline_run_served_id (WeftlineRunServed *self)
{
  return self->id;
}

void
weftline_run_served_update (WeftlineRunServed *self, const WeftServedRun *served)
{
  bool over = served->phase >= WEFT_RUN_DONE;
  WeftlineCapabilities can = over ? 0 : capabilities_of (served->can);
  bool is_new = self->can != can;

  self->can = can;
  if (served->trouble != NULL && g_strcmp0 (served->trouble, self->trouble) != 0)
    weftline_run_refuse (WEFTLINE_RUN (self), served->trouble);
  g_free (self->trouble);
  self->trouble = g_strdup (served->trouble);
  if (is_new)
    weftline_run_changed (WEFTLINE_RUN (self));
}

void
weftline_run_served_gone (WeftlineRunServed *self, const char *reason)
{
  self->can = 0;
  self->command = NULL;
  weftline_run_file_no_more (&self->base, reason);
  weftline_run_changed (WEFTLINE_RUN (self));
}
