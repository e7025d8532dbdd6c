/* weftline-window-open.c: files into the window, and out of it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Graphs are read in a thread. Nothing that was opened runs by itself; an example runs at once,
 * unless it starts programs or touches files.
 */
#include "config.h"

#include "app/weftline-examples.h"
#include "app/weftline-screenshot.h"
#include "app/weftline-window-private.h"
#include "canvas/widget-text.h"
#include "session/weftline-run-child.h"
#include "session/weftline-run-embedded.h"
#include "session/weftline-run-file.h"
#include "session/weftline-save.h"

#include <glib/gi18n.h>
#include <string.h>

#define TOAST_SECONDS 10
/* Most files of which it is told why they were not opened; of the others how many there are. */
#define MAX_TOLD 4

/* Whatever its length, all of it can be read. */
static GtkWidget *
message_label (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  weftline_label_wrap (label);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "message");
  return label;
}

static gboolean
old_cb (void *data)
{
  WeftlineMessage *message = data;

  message->source = 0;
  adw_toast_dismiss (message->toast);
  return G_SOURCE_REMOVE;
}

static void
dismissed_cb (AdwToast *toast, WeftlineWindow *self)
{
  if (toast != self->said.toast)
    return;
  self->said.toast = NULL;
  g_clear_handle_id (&self->said.source, g_source_remove);
}

/* Where a toast is put away before it has come, libadwaita 1.2 tells it that it has come when it is
 * no more. So it is there at once. */
static void
add_toast (WeftlineWindow *self, AdwToast *toast)
{
  GtkSettings *settings = gtk_widget_get_settings (GTK_WIDGET (self));
  gboolean moves;

  g_object_get (settings, "gtk-enable-animations", &moves, NULL);
  if (moves)
    g_object_set (settings, "gtk-enable-animations", FALSE, NULL);
  adw_toast_overlay_add_toast (self->toasts, toast);
  if (moves)
    gtk_settings_reset_property (settings, "gtk-enable-animations");
}

/* What is said anew does not wait until what was said before is put away: the text changes. */
void
_weftline_window_say (WeftlineWindow *self, const char *text)
{
  WeftlineMessage *message = &self->said;

  g_clear_handle_id (&message->source, g_source_remove);
  if (message->toast != NULL)
    gtk_label_set_text (GTK_LABEL (adw_toast_get_custom_title (message->toast)), text);
  else
    {
      message->toast = adw_toast_new ("");
      adw_toast_set_custom_title (message->toast, message_label (text));
      adw_toast_set_timeout (message->toast, 0);
      g_signal_connect_object (message->toast, "dismissed", G_CALLBACK (dismissed_cb), self, 0);
      add_toast (self, message->toast);
    }
  message->source = g_timeout_add_seconds (TOAST_SECONDS, old_cb, message);
}

/* ---- several at once ------------------------------------------------------------------------- */

/* Files that were opened together: what is wrong with them is told in one, when all are read. */
typedef struct
{
  unsigned n_refs;
  WeftlineWindow *window;
  GPtrArray *wrong; /* char * */
} Batch;

static Batch *
batch_new (WeftlineWindow *window)
{
  Batch *batch = g_new0 (Batch, 1);

  batch->n_refs = 1;
  batch->window = g_object_ref (window);
  batch->wrong = g_ptr_array_new_with_free_func (g_free);
  return batch;
}

static void
tell_wrong (Batch *batch)
{
  GString *text = g_string_new (NULL);
  unsigned n = batch->wrong->len, n_more = n > MAX_TOLD ? n - MAX_TOLD : 0;

  for (unsigned i = 0; i < n - n_more; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "",
                            (const char *) g_ptr_array_index (batch->wrong, i));
  if (n_more > 0)
    g_string_append_printf (text,
                            g_dngettext (GETTEXT_PACKAGE, "\n%u more file was not opened",
                                         "\n%u more files were not opened", n_more),
                            n_more);
  if (n > 0)
    _weftline_window_say (batch->window, text->str);
  g_string_free (text, TRUE);
}

static void
batch_unref (Batch *batch)
{
  if (batch == NULL || --batch->n_refs > 0)
    return;
  tell_wrong (batch);
  g_ptr_array_unref (batch->wrong);
  g_object_unref (batch->window);
  g_free (batch);
}

/* @batch: (nullable) */
static void
say_wrong (WeftlineWindow *self, Batch *batch, const char *text)
{
  if (batch != NULL)
    g_ptr_array_add (batch->wrong, g_strdup (text));
  else
    _weftline_window_say (self, text);
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct
{
  GFile *file;      /* or */
  char *example_id; /* with */
  unsigned size;
  double seconds;
  unsigned n_workers; /* 0: as new runs have */
  gboolean run;
  Batch *batch; /* (nullable) */
} Opening;

static void
opening_free (void *data)
{
  Opening *opening = data;

  g_clear_object (&opening->file);
  g_free (opening->example_id);
  g_free (opening);
}

/* What it is, whatever its name says. */
static gboolean
is_run_file (const char *path)
{
  char head[sizeof WEFT_RUN_FILE_MAGIC] = "";
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, NULL);
  gsize n_read = 0;

  if (stream == NULL)
    return FALSE;
  g_input_stream_read_all (G_INPUT_STREAM (stream), head, strlen (WEFT_RUN_FILE_MAGIC), &n_read,
                           NULL, NULL);
  return n_read > 0 && memcmp (head, WEFT_RUN_FILE_MAGIC, n_read) == 0;
}

static void
read_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  const Opening *opening = data;
  GError *error = NULL;
  WeftlinePlan *plan;

  if (opening->file != NULL)
    {
      g_autofree char *path = g_file_get_path (opening->file);

      plan = weftline_plan_new_for_file (path, &error);
    }
  else
    plan = weftline_examples_make (opening->example_id, opening->size, opening->seconds, &error);
  if (plan != NULL)
    g_task_return_pointer (task, plan, (GDestroyNotify) weftline_plan_unref);
  else
    g_task_return_error (task, error);
}

static void
remember (GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);

  gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
}

static void
read_cb (GObject *object G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineWindow) self = data;
  const Opening *opening = g_task_get_task_data (G_TASK (result));
  const WeftlineRunSettings settings = {
    .n_workers = opening->n_workers > 0
                     ? opening->n_workers
                     : (uint32_t) g_settings_get_uint (self->settings, "workers"),
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (WeftlineRun) run = NULL;

  self->n_opening--;
  if (plan == NULL)
    say_wrong (self, opening->batch, error->message);
  batch_unref (opening->batch);
  if (plan == NULL)
    return;
  if (opening->file != NULL)
    remember (opening->file);
  if (weftline_plan_wants_own_process (plan))
    run = weftline_run_child_new (plan, &settings);
  else
    run = weftline_run_embedded_new (plan, &settings);
  weftline_window_add_run (self, run);
  if (opening->run && !weftline_plan_needs_review (plan))
    weftline_run_start (run);
}

static void
start_reading (WeftlineWindow *self, Opening *opening)
{
  /* no source object: the thread might be the last to give it back */
  g_autoptr (GTask) task = g_task_new (NULL, NULL, read_cb, g_object_ref (self));

  self->n_opening++;
  g_task_set_task_data (task, opening, opening_free);
  g_task_run_in_thread (task, read_thread);
}

static void
open_run_file (WeftlineWindow *self, GFile *file, const char *path, Batch *batch)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlineRun) run = weftline_run_file_new (path, &error);

  if (run == NULL)
    {
      say_wrong (self, batch, error->message);
      return;
    }
  remember (file);
  weftline_window_add_run (self, run);
}

/* What nobody has to read to know that it is none of ours; a pipe might never end. (transfer full)
 * (nullable) */
static char *
find_wrong_kind (GFile *file, const char *path)
{
  g_autofree char *name = g_file_get_parse_name (file);
  GFileType type;

  if (path == NULL)
    return g_strdup_printf (_ ("“%s” is elsewhere: only files of this machine can be opened"),
                            name);
  type = g_file_query_file_type (file, G_FILE_QUERY_INFO_NONE, NULL);
  if (type == G_FILE_TYPE_DIRECTORY)
    return g_strdup_printf (_ ("“%s” is a folder: open the graphs and runs in it"), name);
  if (type == G_FILE_TYPE_SPECIAL)
    return g_strdup_printf (_ ("“%s” is no file that has an end"), name);
  return NULL;
}

static void
open_one (WeftlineWindow *self, GFile *file, Batch *batch)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *wrong = find_wrong_kind (file, path);
  Opening *opening;

  if (wrong != NULL)
    {
      say_wrong (self, batch, wrong);
      return;
    }
  if (is_run_file (path))
    {
      open_run_file (self, file, path, batch);
      return;
    }
  opening = g_new0 (Opening, 1);
  opening->file = g_object_ref (file);
  opening->batch = batch;
  if (batch != NULL)
    batch->n_refs++;
  start_reading (self, opening);
}

void
weftline_window_open (WeftlineWindow *self, GFile *file)
{
  open_one (self, file, NULL);
}

void
weftline_window_open_files (WeftlineWindow *self, GFile *const *files, gsize n)
{
  Batch *batch = batch_new (self);

  for (gsize i = 0; i < n; i++)
    open_one (self, files[i], batch);
  batch_unref (batch);
}

void
weftline_window_open_example (WeftlineWindow *self, const char *id, unsigned size, double seconds,
                              unsigned n_workers, gboolean run)
{
  Opening *opening = g_new0 (Opening, 1);

  opening->example_id = g_strdup (id);
  opening->size = size;
  opening->seconds = seconds;
  opening->n_workers = n_workers;
  opening->run = run;
  start_reading (self, opening);
}

gboolean
weftline_window_is_opening (WeftlineWindow *self)
{
  return self->n_opening > 0;
}

/* ---- choosing -------------------------------------------------------------------------------- */

void
_weftline_window_add_filter (GtkFileChooser *chooser, const char *title,
                             const char *const *patterns)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, title);
  for (; *patterns != NULL; patterns++)
    gtk_file_filter_add_pattern (filter, *patterns);
  gtk_file_chooser_add_filter (chooser, filter);
}

static void
response_cb (GtkNativeDialog *dialog, int response, WeftlineWindow *self)
{
  WeftlineChosenFunc chosen = (WeftlineChosenFunc) g_object_get_data (G_OBJECT (dialog), "chosen");
  g_autoptr (GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));

  for (guint i = 0; response == GTK_RESPONSE_ACCEPT && i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr (GFile) file = g_list_model_get_item (files, i);

      chosen (self, file);
    }
  g_clear_object (&self->dialog);
}

GtkFileChooser *
_weftline_window_make_chooser (WeftlineWindow *self, const char *title, GtkFileChooserAction action,
                               WeftlineChosenFunc chosen)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      title, GTK_WINDOW (self), action,
      action == GTK_FILE_CHOOSER_ACTION_OPEN ? _ ("_Open") : _ ("_Save"), _ ("_Cancel"));

  g_set_object (&self->dialog, GTK_NATIVE_DIALOG (dialog));
  g_object_unref (dialog);
  gtk_native_dialog_set_modal (self->dialog, TRUE);
  g_object_set_data (G_OBJECT (dialog), "chosen", (void *) chosen);
  g_signal_connect_object (dialog, "response", G_CALLBACK (response_cb), self, 0);
  return GTK_FILE_CHOOSER (dialog);
}

void
_weftline_window_choose_file (WeftlineWindow *self)
{
  static const char *const ours[] = { "*.weft", "*.json", "*.dot", "*.gv", "*.dag", NULL };
  static const char *const all[] = { "*", NULL };
  GtkFileChooser *chooser = _weftline_window_make_chooser (
      self, _ ("Open a Graph or a Run"), GTK_FILE_CHOOSER_ACTION_OPEN, weftline_window_open);

  gtk_file_chooser_set_select_multiple (chooser, TRUE);
  _weftline_window_add_filter (chooser, _ ("Graphs and runs"), ours);
  _weftline_window_add_filter (chooser, _ ("All files"), all);
  gtk_native_dialog_show (self->dialog);
}

static void
saved_cb (WeftlineSave *save, WeftlineWindow *self)
{
  g_autofree char *name = g_path_get_basename (weftline_save_path (save));
  g_autofree char *done = g_strdup_printf (_ ("“%s” was saved"), name);
  const char *error = weftline_save_error (save);

  _weftline_window_say (self, error != NULL ? error : done);
}

/* The program stays until all is written, whatever becomes of the window: its own runs end with
 * that. */
static void
hold (WeftlineWindow *self, WeftlineRun *run, WeftlineSave *save)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (application == NULL || (weftline_run_plan (run) == NULL && !weftline_run_is_over (run)))
    return;
  g_application_hold (G_APPLICATION (application));
  g_signal_connect_object (save, "ended", G_CALLBACK (g_application_release), application,
                           G_CONNECT_SWAPPED);
}

void
weftline_window_save (WeftlineWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : NULL;
  WeftlineRun *run = weftline_window_run (self);
  g_autoptr (WeftlineSave) save = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;

  if (run == NULL || path == NULL)
    return;
  save = weftline_save_new (run, path, &error);
  if (save == NULL || weftline_save_is_over (save))
    {
      if (error != NULL)
        _weftline_window_say (self, error->message);
      return;
    }
  g_signal_connect_object (save, "ended", G_CALLBACK (saved_cb), self, 0);
  hold (self, run, save);
  if (weftline_run_is_over (run))
    return;
  words = g_strdup_printf (_ ("“%s” grows as long as the run goes on"), name);
  _weftline_window_say (self, words);
}

void
_weftline_window_choose_save (WeftlineWindow *self)
{
  WeftlineRun *run = weftline_window_run (self);
  g_autofree char *name = NULL;
  GtkFileChooser *chooser;

  if (run == NULL)
    return;
  chooser = _weftline_window_make_chooser (self, _ ("Save the Run"), GTK_FILE_CHOOSER_ACTION_SAVE,
                                           weftline_window_save);
  name = g_strdup_printf ("%s.weft", weftline_run_name (run));
  gtk_file_chooser_set_current_name (chooser, g_strdelimit (name, "/", '-'));
  gtk_native_dialog_show (self->dialog);
}

static void
screenshot_to (WeftlineWindow *self, GFile *file)
{
  g_autofree char *path = g_file_get_path (file);
  g_autoptr (GError) error = NULL;

  if (path != NULL && !weftline_screenshot (GTK_WIDGET (self), path, &error))
    _weftline_window_say (self, error->message);
}

void
_weftline_window_choose_screenshot (WeftlineWindow *self)
{
  GtkFileChooser *chooser = _weftline_window_make_chooser (
      self, _ ("Save a Picture of the Window"), GTK_FILE_CHOOSER_ACTION_SAVE, screenshot_to);

  gtk_file_chooser_set_current_name (chooser, "weftline.png");
  gtk_native_dialog_show (self->dialog);
}

/* ---- dropping -------------------------------------------------------------------------------- */

/* GDK makes such a list of text/uri-list, too, which other programs give. */
static gboolean
drop_cb (GtkDropTarget *target G_GNUC_UNUSED, const GValue *value, double x G_GNUC_UNUSED,
         double y G_GNUC_UNUSED, WeftlineWindow *self)
{
  g_autoptr (GSList) list = NULL;
  g_autoptr (GPtrArray) files = g_ptr_array_new ();

  if (!G_VALUE_HOLDS (value, GDK_TYPE_FILE_LIST))
    return FALSE;
  list = gdk_file_list_get_files (g_value_get_boxed (value));
  for (GSList *file = list; file != NULL; file = file->next)
    g_ptr_array_add (files, file->data);
  weftline_window_open_files (self, (GFile *const *) files->pdata, files->len);
  return files->len > 0;
}

void
_weftline_window_accept_drops (WeftlineWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
