/* weftline-application.c: the program: one instance, its windows, its settings
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The command line is handled by the first instance. With --screenshot the instance is one of its
 * own: it shows the window, waits until the run has ended (or the given time has passed), writes
 * the picture and ends.
 */
#include "config.h"

#include "app/weftline-application.h"
#include "app/weftline-cards.h"
#include "app/weftline-examples.h"
#include "app/weftline-listener.h"
#include "app/weftline-preferences.h"
#include "app/weftline-screenshot.h"
#include "app/weftline-window.h"

#include "base/weft-clock.h"

#include <glib/gi18n.h>

/* Frames between the last change and the picture, for what draws late. */
#define SETTLE_MS 400
#define SETTLE_FRAMES 3
#define LOOK_MS 50

struct _WeftlineApplication
{
  AdwApplication parent_instance;

  GSettings *settings;
  WeftlineListener *listener; /* (nullable): of pictures there is none */
  char *screenshot;           /* (nullable): where to */
  char *select;               /* (nullable): key of a task */
  double after;               /* seconds; < 0: when the run has ended */
  double at;                  /* seconds; < 0: now */
  gint64 shown_at;
  guint look_source;
  gboolean is_placed; /* what the picture is to show is selected */
  unsigned n_frames;  /* since the picture was wanted */
  int status;
};

G_DEFINE_FINAL_TYPE (WeftlineApplication, weftline_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
  { "example", 'e', 0, G_OPTION_ARG_STRING, NULL, N_ ("Open an example and run it"), N_ ("NAME") },
  { "size", 0, 0, G_OPTION_ARG_INT, NULL, N_ ("Size of the example"), N_ ("N") },
  { "duration", 0, 0, G_OPTION_ARG_DOUBLE, NULL, N_ ("Seconds each of its tasks takes"),
    N_ ("SECONDS") },
  { "layout", 0, 0, G_OPTION_ARG_STRING, NULL,
    N_ ("Show “status”, “graph”, “teaching”, “tasks” or “cluster”"), N_ ("LAYOUT") },
  { "window-size", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("Size of the window"),
    N_ ("WIDTHxHEIGHT") },
  { "screenshot", 0, 0, G_OPTION_ARG_FILENAME, NULL,
    N_ ("Write a picture of the window once the run has ended, then quit"), N_ ("FILE") },
  { "after", 0, 0, G_OPTION_ARG_DOUBLE, NULL, N_ ("… but after so many seconds at the latest"),
    N_ ("SECONDS") },
  { "select", 0, 0, G_OPTION_ARG_STRING, NULL, N_ ("… with the task of this key selected"),
    N_ ("KEY") },
  { "at", 0, 0, G_OPTION_ARG_DOUBLE, NULL, N_ ("… as the run was so many seconds after its start"),
    N_ ("SECONDS") },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, N_ ("[FILE…]") },
  { NULL },
};

static WeftlineWindow *
new_window (WeftlineApplication *self)
{
  WeftlineWindow *window = weftline_window_new (ADW_APPLICATION (self), self->settings);

  if (self->listener != NULL)
    weftline_window_set_others (window, weftline_listener_text (self->listener));
  return window;
}

static WeftlineWindow *
the_window (WeftlineApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  while (window != NULL && !WEFTLINE_IS_WINDOW (window))
    window = gtk_window_get_transient_for (window);
  return window != NULL ? WEFTLINE_WINDOW (window) : new_window (self);
}

/* ---- other programs -------------------------------------------------------------------------- */

static void
appeared_cb (WeftlineApplication *self, WeftlineRun *run)
{
  weftline_window_add_observed (the_window (self), run);
}

static void
listening_cb (WeftlineApplication *self)
{
  for (GList *window = gtk_application_get_windows (GTK_APPLICATION (self)); window != NULL;
       window = window->next)
    if (WEFTLINE_IS_WINDOW (window->data))
      weftline_window_set_others (window->data, weftline_listener_text (self->listener));
}

/* A program of its own for a picture does not take the place of the one that others talk to. */
static void
listen_to_others (WeftlineApplication *self)
{
  if ((g_application_get_flags (G_APPLICATION (self)) & G_APPLICATION_NON_UNIQUE) != 0)
    return;
  self->listener = weftline_listener_new (self->settings);
  g_signal_connect_swapped (self->listener, "run-appeared", G_CALLBACK (appeared_cb), self);
  g_signal_connect_swapped (self->listener, "changed", G_CALLBACK (listening_cb), self);
}

/* ---- picture --------------------------------------------------------------------------------- */

/* Right after a frame, when everything has its place. */
static void
after_paint_cb (GdkFrameClock *clock, WeftlineApplication *self)
{
  WeftlineWindow *window = the_window (self);
  g_autoptr (GError) error = NULL;

  if (++self->n_frames < SETTLE_FRAMES)
    {
      gtk_widget_queue_draw (GTK_WIDGET (window));
      return;
    }
  g_signal_handlers_disconnect_by_func (clock, after_paint_cb, self);
  if (!weftline_screenshot (GTK_WIDGET (window), self->screenshot, &error))
    {
      g_printerr ("weftline-gui: %s\n", error->message);
      self->status = 3;
    }
  g_application_quit (G_APPLICATION (self));
}

static void
select_task (WeftlineApplication *self)
{
  WeftlineRunPage *page = weftline_window_page (the_window (self));
  WeftlineSession *session = page != NULL ? weftline_run_page_session (page) : NULL;
  WeftModel *model = session != NULL ? weftline_session_model (session) : NULL;

  if (model == NULL)
    return;
  weftline_session_update (session);
  if (self->select != NULL)
    weftline_session_select_task (session, weft_model_find_key (model, self->select));
  if (self->at >= 0)
    weftline_session_set_time (session, (int64_t) (self->at * 1e9));
}

/* Until it is known how it was. */
static gboolean
is_rewinding (WeftlineApplication *self)
{
  WeftlineRunPage *page = weftline_window_page (the_window (self));

  return page != NULL && weftline_session_is_rewinding (weftline_run_page_session (page));
}

static gboolean
take_cb (void *data)
{
  WeftlineApplication *self = data;
  GtkWidget *window = GTK_WIDGET (the_window (self));

  self->look_source = 0;
  if (!self->is_placed)
    select_task (self);
  self->is_placed = TRUE;
  if (is_rewinding (self))
    {
      self->look_source = g_timeout_add (LOOK_MS, take_cb, self);
      return G_SOURCE_REMOVE;
    }
  g_signal_connect_object (gtk_widget_get_frame_clock (window), "after-paint",
                           G_CALLBACK (after_paint_cb), self, 0);
  gtk_widget_queue_draw (window);
  return G_SOURCE_REMOVE;
}

static gboolean
look_cb (void *data)
{
  WeftlineApplication *self = data;
  WeftlineWindow *window = the_window (self);
  WeftlineRun *run = weftline_window_run (window);
  double seconds = (double) (g_get_monotonic_time () - self->shown_at) / 1e6;
  gboolean still = weftline_window_is_opening (window)
                   || (run != NULL && weftline_run_is_active (run))
                   || !gtk_widget_get_mapped (GTK_WIDGET (window));

  if (still && (self->after < 0 || seconds < self->after))
    return G_SOURCE_CONTINUE;
  self->look_source = g_timeout_add (SETTLE_MS, take_cb, self);
  return G_SOURCE_REMOVE;
}

/* ---- command line ---------------------------------------------------------------------------- */

static gboolean
read_size (GVariantDict *given, int *width, int *height)
{
  const char *text;

  *width = *height = 0;
  if (!g_variant_dict_lookup (given, "window-size", "&s", &text))
    return TRUE;
  return sscanf (text, "%dx%d", width, height) == 2 && *width > 0 && *height > 0 && *width <= 16384
         && *height <= 16384;
}

/* (transfer full) */
static char *
missing_layout_text (const char *name)
{
  g_autoptr (GString) names = g_string_new (NULL);
  WeftlineLayoutKind kind;

  for (unsigned i = 0; i < weftline_layout_kinds_n (); i++)
    {
      weftline_layout_kinds_get (i, &kind);
      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", kind.name);
    }
  /* Translators: a name that was given, and all those that can be */
  return g_strdup_printf (_ ("There is no layout “%s”; there are %s"), name, names->str);
}

/* What is wrong with what was asked for. (transfer full) (nullable) */
static char *
find_mistake (GVariantDict *given)
{
  const char *example, *layout;
  WeftlineExample about;
  WeftlineLayoutKind kind;
  int width, height;

  if (!read_size (given, &width, &height))
    return g_strdup_printf (_ ("--window-size: not of the form %s"), "1600x1000");
  if (g_variant_dict_lookup (given, "example", "&s", &example)
      && !weftline_examples_find (example, &about))
    return weftline_examples_dup_missing_text (example);
  if (g_variant_dict_lookup (given, "layout", "&s", &layout)
      && !weftline_layout_kinds_find (layout, &kind))
    return missing_layout_text (layout);
  return NULL;
}

static void
set_size (WeftlineWindow *window, GVariantDict *given)
{
  int width, height;

  read_size (given, &width, &height);
  if (width == 0)
    return;
  /* a size that was asked for once is not remembered */
  g_settings_unbind (window, "default-width");
  g_settings_unbind (window, "default-height");
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
}

static void
open_named (WeftlineWindow *window, const char *const *names, GApplicationCommandLine *line)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_object_unref);

  for (; *names != NULL; names++)
    g_ptr_array_add (files, g_application_command_line_create_file_for_arg (line, *names));
  weftline_window_open_files (window, (GFile *const *) files->pdata, files->len);
}

static void
open_given (WeftlineApplication *self, WeftlineWindow *window, GVariantDict *given,
            GApplicationCommandLine *line)
{
  const char *example;
  g_autofree const char **files = NULL;
  int size = 0;
  double seconds = -1;

  g_variant_dict_lookup (given, "size", "i", &size);
  g_variant_dict_lookup (given, "duration", "d", &seconds);
  if (g_variant_dict_lookup (given, "example", "&s", &example))
    weftline_window_open_example (window, example, (unsigned) MAX (size, 0), seconds, 0, TRUE);
  if (g_variant_dict_lookup (given, G_OPTION_REMAINING, "^a&ay", &files))
    open_named (window, files, line);
}

static int
weftline_application_command_line (GApplication *application, GApplicationCommandLine *line)
{
  WeftlineApplication *self = WEFTLINE_APPLICATION (application);
  GVariantDict *given = g_application_command_line_get_options_dict (line);
  g_autofree char *mistake = find_mistake (given);
  WeftlineWindow *window;
  const char *layout;

  if (mistake != NULL)
    {
      g_application_command_line_printerr (line, "weftline-gui: %s\n", mistake);
      return 2;
    }
  if (g_variant_dict_lookup (given, "layout", "&s", &layout))
    g_settings_set_string (self->settings, "layout", layout);
  window = the_window (self);
  set_size (window, given);
  self->after = -1;
  g_variant_dict_lookup (given, "after", "d", &self->after);
  self->at = -1;
  g_variant_dict_lookup (given, "at", "d", &self->at);
  g_variant_dict_lookup (given, "select", "s", &self->select);
  open_given (self, window, given, line);
  gtk_window_present (GTK_WINDOW (window));
  if (g_variant_dict_lookup (given, "screenshot", "^ay", &self->screenshot))
    {
      gtk_widget_add_css_class (GTK_WIDGET (window), "picture");
      self->shown_at = g_get_monotonic_time ();
      self->look_source = g_timeout_add (LOOK_MS, look_cb, self);
    }
  return 0;
}

static int
weftline_application_handle_local_options (GApplication *application, GVariantDict *given)
{
  GApplicationFlags flags = g_application_get_flags (application);

  if (g_variant_dict_contains (given, "screenshot"))
    g_application_set_flags (application, flags | G_APPLICATION_NON_UNIQUE);
  return -1;
}

/* ---- actions --------------------------------------------------------------------------------- */

static void
about_action (GSimpleAction *action G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED, void *data)
{
  adw_show_about_window (
      GTK_WINDOW (the_window (data)), "application-name", _ ("Weftline"), "application-icon",
      WEFTLINE_APPLICATION_ID, "version", PACKAGE_VERSION, "comments",
      _ ("Runs task graphs on all cores of one machine and shows exactly what happens."),
      "license-type", GTK_LICENSE_BSD_3,
      /* Translators: your names */
      "translator-credits", _ ("translator-credits"), NULL);
}

static void
preferences_action (GSimpleAction *action G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED, void *data)
{
  WeftlineApplication *self = data;

  gtk_window_present (
      GTK_WINDOW (weftline_preferences_new (GTK_WINDOW (the_window (self)), self->settings)));
}

/* Windows are asked one by one; each may ask back. */
static void
quit_action (GSimpleAction *action G_GNUC_UNUSED, GVariant *target G_GNUC_UNUSED, void *data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (data)));

  for (GList *window = windows; window != NULL; window = window->next)
    if (WEFTLINE_IS_WINDOW (window->data))
      gtk_window_close (window->data);
}

static const GActionEntry actions[] = {
  { .name = "about", .activate = about_action },
  { .name = "preferences", .activate = preferences_action },
  { .name = "quit", .activate = quit_action },
};

static void
set_keys (GtkApplication *application)
{
  static const struct
  {
    const char *action;
    const char *keys[3];
  } keys[] = {
    { "app.quit", { "<Control>q" } },
    { "app.preferences", { "<Control>comma" } },
    { "win.show-help-overlay", { "<Control>question", "F1" } },
    { "win.open", { "<Control>o" } },
    { "win.save", { "<Control>s" } },
    { "win.close-run", { "<Control>w" } },
    { "win.start-page", { "<Control>n" } },
    { "win.find", { "<Control>f" } },
    { "win.sidebar", { "F9" } },
    { "win.run", { "F5" } },
    { "win.step", { "F8" } }, /* F10 opens the menu, as everywhere */
    { "win.stop", { "<Shift>F5" } },
    { "win.breaks", { "<Control>b" } },
    { "win.restore", { "<Alt>Return" } },
    { "win.time-back", { "<Alt>Left" } },
    { "win.time-forward", { "<Alt>Right" } },
    { "win.time-now", { "<Alt>End" } },
    { "win.layout('status')", { "<Alt>1" } },
    { "win.layout('graph')", { "<Alt>2" } },
    { "win.layout('teaching')", { "<Alt>3" } },
    { "win.layout('tasks')", { "<Alt>4" } },
    { "win.layout('cluster')", { "<Alt>5" } },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (application, keys[i].action, keys[i].keys);
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_application_startup (GApplication *application)
{
  WeftlineApplication *self = WEFTLINE_APPLICATION (application);

  weft_clock_source (); /* from here on it is measured how fast the clock goes */
  G_APPLICATION_CLASS (weftline_application_parent_class)->startup (application);
  self->settings = g_settings_new (WEFTLINE_APPLICATION_ID);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  set_keys (GTK_APPLICATION (self));
  gtk_window_set_default_icon_name (WEFTLINE_APPLICATION_ID);
  listen_to_others (self);
}

static void
weftline_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (the_window (WEFTLINE_APPLICATION (application))));
}

static void
weftline_application_dispose (GObject *object)
{
  WeftlineApplication *self = WEFTLINE_APPLICATION (object);

  g_clear_handle_id (&self->look_source, g_source_remove);
  g_clear_object (&self->listener);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->screenshot, g_free);
  g_clear_pointer (&self->select, g_free);
  G_OBJECT_CLASS (weftline_application_parent_class)->dispose (object);
}

static void
weftline_application_class_init (WeftlineApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = weftline_application_dispose;
  application_class->startup = weftline_application_startup;
  application_class->activate = weftline_application_activate;
  application_class->command_line = weftline_application_command_line;
  application_class->handle_local_options = weftline_application_handle_local_options;
}

static void
weftline_application_init (WeftlineApplication *self)
{
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), NULL);
}

WeftlineApplication *
weftline_application_new (void)
{
  return g_object_new (WEFTLINE_TYPE_APPLICATION, "application-id", WEFTLINE_APPLICATION_ID,
                       "resource-base-path", "/org/weftline/Weftline", "flags",
                       G_APPLICATION_HANDLES_COMMAND_LINE, NULL);
}

int
weftline_application_status (WeftlineApplication *self)
{
  return self->status;
}
