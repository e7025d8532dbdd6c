/* weftline-listener.c: whether the program listens to others, as its settings say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Where another program listens already, such as `weftline serve`, this one has its runs from
 * there; when that goes, this one takes its place.
 */
#include "config.h"

#include "app/weftline-listener.h"

#include <glib/gi18n.h>

/* Between two attempts where somebody listens who does not want to. */
#define AGAIN_MS 2000

struct _WeftlineListener
{
  GObject parent_instance;

  GSettings *settings;
  WeftlineServer *server; /* (nullable) */
  WeftlineBeside *beside; /* (nullable): another program listens, and this one to it */
  guint again_source;     /* to look once more who listens, or 0 */
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
    g_signal_handlers_disconnect_by_data (self->server, self);
  if (self->beside != NULL)
    g_signal_handlers_disconnect_by_data (self->beside, self);
  g_clear_handle_id (&self->again_source, g_source_remove);
  g_clear_object (&self->server);
  g_clear_object (&self->beside);
}

/* (transfer full) */
static char *
beside_text (WeftlineListener *self)
{
  unsigned n = weftline_beside_n_left_out (self->beside);
  /* Translators: the path of a socket */
  g_autofree char *text =
      g_strdup_printf (_ ("Another program listens at %s. Its runs are shown here, too."),
                       weftline_beside_address (self->beside));
  g_autofree char *more = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u older one is only in the list of “weftline runs”.",
                   "%u older ones are only in the list of “weftline runs”.", n),
      n);

  return n > 0 ? g_strdup_printf ("%s %s", text, more) : g_steal_pointer (&text);
}

static void
beside_cb (WeftlineListener *self)
{
  g_free (self->text);
  self->text = beside_text (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void begin (WeftlineListener *self);

static gboolean
again_cb (void *data)
{
  WeftlineListener *self = data;

  self->again_source = 0;
  stop (self);
  begin (self);
  return G_SOURCE_REMOVE;
}

/* Who listened is gone: perhaps it comes back, else this program takes its place. One that was
 * there and did not want to is asked again after a while. */
static void
lost_cb (WeftlineListener *self)
{
  unsigned ms = weftline_beside_was_there (self->beside) ? 0 : AGAIN_MS;

  if (self->again_source == 0)
    self->again_source = g_timeout_add (ms, again_cb, self);
}

/* Where another program listens already. (transfer full): how that stands */
static char *
start_beside (WeftlineListener *self)
{
  g_autofree char *address = weft_server_default_address ();
  g_autoptr (GError) error = NULL;

  self->beside = weftline_beside_new (address, &error);
  if (self->beside == NULL)
    return g_strdup (error->message);
  g_signal_connect_swapped (self->beside, "run-appeared", G_CALLBACK (run_cb), self);
  g_signal_connect_swapped (self->beside, "changed", G_CALLBACK (beside_cb), self);
  g_signal_connect_swapped (self->beside, "lost", G_CALLBACK (lost_cb), self);
  return beside_text (self);
}

/* (transfer full) */
static char *
start (WeftlineListener *self)
{
  g_autoptr (GError) error = NULL;

  self->server = weftline_server_new (NULL, &error);
  if (g_error_matches (error, WEFT_SERVER_ERROR, WEFT_SERVER_ERROR_IN_USE))
    return start_beside (self);
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
begin (WeftlineListener *self)
{
  g_free (self->text);
  self->text = start (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
update (WeftlineListener *self)
{
  bool wanted = g_settings_get_boolean (self->settings, "listen");
  bool listens = self->server != NULL || self->beside != NULL;

  if (self->text != NULL && wanted == listens)
    return;
  stop (self);
  if (wanted)
    {
      begin (self);
      return;
    }
  g_free (self->text);
  self->text = g_strdup (_ ("Not listening: see the preferences."));
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
