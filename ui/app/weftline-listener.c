/* weftline-listener.c: whether the program listens to others, as its settings say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "app/weftline-listener.h"

#include <glib/gi18n.h>

struct _WeftlineListener
{
  GObject parent_instance;

  GSettings *settings;
  WeftlineServer *server; /* (nullable) */
  char *text;
};

enum
{
  RUN_APPEARED,
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WeftlineListener, weftline_listener, G_TYPE_OBJECT)

static void
run_cb (WeftlineListener *self, WeftlineRun *run)
{
  g_signal_emit (self, signals[RUN_APPEARED], 0, run);
}

static void
stop (WeftlineListener *self)
{
  if (self->server != NULL)
    g_signal_handlers_disconnect_by_func (self->server, run_cb, self);
  g_clear_object (&self->server);
}

/* (transfer full) */
static char *
start (WeftlineListener *self)
{
  g_autoptr (GError) error = NULL;

  self->server = weftline_server_new (NULL, &error);
  if (self->server == NULL)
    return g_strdup (error->message);
  weftline_server_set_workers (self->server,
                               (uint32_t) g_settings_get_uint (self->settings, "workers"));
  g_signal_connect_swapped (self->server, "run-appeared", G_CALLBACK (run_cb), self);
  /* Translators: the path of a socket */
  return g_strdup_printf (_ ("Their runs appear here as they begin. Listening at %s."),
                          weftline_server_address (self->server));
}

static void
update (WeftlineListener *self)
{
  bool wanted = g_settings_get_boolean (self->settings, "listen");

  if (self->text != NULL && wanted == (self->server != NULL))
    return;
  stop (self);
  g_free (self->text);
  self->text = wanted ? start (self) : g_strdup (_ ("Not listening: see the preferences."));
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
workers_cb (WeftlineListener *self)
{
  if (self->server != NULL)
    weftline_server_set_workers (self->server,
                                 (uint32_t) g_settings_get_uint (self->settings, "workers"));
}

static void
weftline_listener_dispose (GObject *object)
{
  WeftlineListener *self = WEFTLINE_LISTENER (object);

  stop (self);
  if (self->settings != NULL)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->text, g_free);
  G_OBJECT_CLASS (weftline_listener_parent_class)->dispose (object);
}

static void
weftline_listener_class_init (WeftlineListenerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_listener_dispose;
  signals[RUN_APPEARED] = g_signal_new ("run-appeared", WEFTLINE_TYPE_LISTENER, G_SIGNAL_RUN_LAST,
                                        0, NULL, NULL, NULL, G_TYPE_NONE, 1, WEFTLINE_TYPE_RUN);
  signals[CHANGED] = g_signal_new ("changed", WEFTLINE_TYPE_LISTENER, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_listener_init (WeftlineListener *self G_GNUC_UNUSED)
{
}

WeftlineListener *
weftline_listener_new (GSettings *settings)
{
  WeftlineListener *self = g_object_new (WEFTLINE_TYPE_LISTENER, NULL);

  self->settings = g_object_ref (settings);
  g_signal_connect_swapped (settings, "changed::listen", G_CALLBACK (update), self);
  g_signal_connect_swapped (settings, "changed::workers", G_CALLBACK (workers_cb), self);
  update (self);
  return self;
}

const char *
weftline_listener_text (WeftlineListener *self)
{
  return self->text;
}
