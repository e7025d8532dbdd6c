/* weftline-beside.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What the watcher's thread tells is put into a letter, see weftline-post.h.
 */
#include "config.h"

#include "session/weftline-beside.h"

#include "session/weftline-post.h"
#include "session/weftline-run-served.h"
#include "session/weftline-served.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

/* That were over before, in the list. */
#define MOST_OVER 16
/* Of those that go on, watched at once without being shown: the server has a limit. */
#define MOST_WATCHED 48

struct _WeftlineBeside
{
  GObject parent_instance;

  char *address;
  WeftWatcher *watcher;
  WeftlinePost *post;
  GHashTable *runs; /* by id: WeftlineRunServed, as long as somebody else has it (weak) */
  GHashTable *seen; /* ids of runs that appeared, or were left out; one that was closed stays so */
  unsigned n_left_out;
  bool was_there;
};

enum
{
  RUN_APPEARED,
  CHANGED,
  LOST,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WeftlineBeside, weftline_beside, G_TYPE_OBJECT)

/* ---- letters --------------------------------------------------------------------------------- */

typedef enum
{
  LETTER_LISTED,
  LETTER_TOLD,
  LETTER_LOST,
  LETTER_REFUSED,
} LetterKind;

typedef struct
{
  LetterKind kind;
  WeftlinePost *post;
  uint64_t id;  /* REFUSED */
  GArray *runs; /* WeftServedRun: LISTED, TOLD */
  char *text;   /* (nullable): why */
} Letter;

static void
letter_free (void *data)
{
  Letter *letter = data;

  g_array_unref (letter->runs);
  g_free (letter->text);
  weftline_post_unref (letter->post);
  g_free (letter);
}

static gboolean open_letter_cb (void *data);

static void
send_letter (WeftlinePost *post, LetterKind kind, uint64_t id, const WeftServedRun *runs,
             size_t n_runs, const char *text)
{
  Letter *letter = g_new0 (Letter, 1);

  *letter = (Letter){ kind, weftline_post_ref (post), id,
                      g_array_new (FALSE, FALSE, sizeof (WeftServedRun)), g_strdup (text) };
  g_array_set_clear_func (letter->runs, (GDestroyNotify) weftline_served_clear);
  for (size_t i = 0; i < n_runs; i++)
    {
      WeftServedRun copy;

      weftline_served_copy (&copy, &runs[i]);
      g_array_append_val (letter->runs, copy);
    }
  g_idle_add_full (G_PRIORITY_DEFAULT, open_letter_cb, letter, letter_free);
}

/* ---- the watcher's thread -------------------------------------------------------------------- */

static void
listed (void *data, const WeftServedRun *runs, size_t n_runs)
{
  send_letter (data, LETTER_LISTED, 0, runs, n_runs, NULL);
}

static void
told (void *data, const WeftServedRun *run)
{
  send_letter (data, LETTER_TOLD, 0, run, 1, NULL);
}

static void
lost (void *data, const char *why)
{
  send_letter (data, LETTER_LOST, 0, NULL, 0, why);
}

static void
answered (void *data, const char *message)
{
  WeftlinePostAsked *asked = data;

  if (message != NULL)
    send_letter (asked->post, LETTER_REFUSED, asked->id, NULL, 0, message);
  weftline_post_asked_free (asked);
}

/* ---- a run ----------------------------------------------------------------------------------- */

static void
command (WeftlineRun *run, WeftServerVerb verb, const char *members_json, void *data)
{
  WeftlineBeside *self = data;
  WeftlinePostAsked *asked =
      weftline_post_asked_new (self->post, weftline_run_served_id (WEFTLINE_RUN_SERVED (run)));

  weft_watcher_ask (self->watcher, asked->id, verb, members_json, answered, asked);
}

static void
watch (WeftlineBeside *self, WeftlineRun *run)
{
  const WeftServedRun *served = weftline_run_served_told (WEFTLINE_RUN_SERVED (run));

  if (weftline_run_feed (run) != NULL || served->path == NULL)
    return;
  weftline_run_file_follow (WEFTLINE_RUN_FILE (run),
                            weftline_feed_new_watched (self->watcher, served->id, served->path));
  weftline_run_changed (run);
}

static void
show (WeftlineRun *run, void *data)
{
  watch (data, run);
}

static const WeftlineServedFuncs funcs = { .command = command, .show = show, .goes_on = true };

static unsigned
n_watched (WeftlineBeside *self)
{
  GHashTableIter iter;
  unsigned n = 0;
  void *run;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    n += weftline_run_feed (run) != NULL
         && weftline_feed_state (weftline_run_feed (run)) < WEFT_FEED_ENDED;
  return n;
}

/* What goes on is read from now on. */
static void
watch_if_active (WeftlineBeside *self, WeftlineRun *run)
{
  WeftRunPhase phase = weftline_run_served_told (WEFTLINE_RUN_SERVED (run))->phase;

  if ((phase == WEFT_RUN_RUNNING || phase == WEFT_RUN_PAUSED) && n_watched (self) < MOST_WATCHED)
    watch (self, run);
}

static void
forget_cb (void *data, GObject *where_it_was)
{
  WeftlineBeside *self = data;
  GHashTableIter iter;
  void *run;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    if (run == where_it_was)
      g_hash_table_iter_remove (&iter);
}

static void
appear (WeftlineBeside *self, const WeftServedRun *served)
{
  g_autoptr (WeftlineRun) run = weftline_run_served_new (served, &funcs, self);

  g_hash_table_insert (self->runs, g_memdup2 (&served->id, sizeof served->id), run);
  g_object_weak_ref (G_OBJECT (run), forget_cb, self);
  watch_if_active (self, run);
  g_signal_emit (self, signals[RUN_APPEARED], 0, run);
}

static void
let_go (WeftlineBeside *self, WeftlineRun *run, const char *reason)
{
  g_object_weak_unref (G_OBJECT (run), forget_cb, self);
  weftline_run_served_gone (WEFTLINE_RUN_SERVED (run), reason);
}

/* ---- all of them ----------------------------------------------------------------------------- */

/* @may_appear: of one that is new */
static void
take_run (WeftlineBeside *self, const WeftServedRun *served, bool may_appear)
{
  WeftlineRun *run = g_hash_table_lookup (self->runs, &served->id);

  if (run != NULL)
    {
      weftline_run_served_update (WEFTLINE_RUN_SERVED (run), served);
      watch_if_active (self, run);
      return;
    }
  if (!g_hash_table_add (self->seen, g_memdup2 (&served->id, sizeof served->id)))
    return; /* its row was closed */
  if (may_appear)
    appear (self, served);
  else
    self->n_left_out++;
}

static bool
is_among (const WeftServedRun *served, const GArray *runs)
{
  for (guint i = 0; i < runs->len; i++)
    if (g_array_index (runs, WeftServedRun, i).id == served->id)
      return g_strcmp0 (g_array_index (runs, WeftServedRun, i).path, served->path) == 0
             || served->path == NULL;
  return false;
}

/* Another server stands where one was, whose numbers are its own. */
static void
drop_others (WeftlineBeside *self, const GArray *runs)
{
  GHashTableIter iter;
  void *run;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    if (!is_among (weftline_run_served_told (run), runs))
      {
        uint64_t id = weftline_run_served_id (run);

        let_go (self, run, _ ("the program that had the run does not know it any more"));
        g_hash_table_iter_remove (&iter);
        g_hash_table_remove (self->seen, &id);
      }
}

static void
take_list (WeftlineBeside *self, const GArray *runs)
{
  guint n_over = 0, n_passed = 0;

  drop_others (self, runs);
  for (guint i = 0; i < runs->len; i++)
    n_over += g_array_index (runs, WeftServedRun, i).phase >= WEFT_RUN_DONE;
  for (guint i = 0; i < runs->len; i++)
    {
      const WeftServedRun *served = &g_array_index (runs, WeftServedRun, i);
      bool is_over = served->phase >= WEFT_RUN_DONE;

      n_passed += is_over;
      take_run (self, served, !is_over || n_passed + MOST_OVER > n_over);
    }
  self->was_there = true;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
drop_all (WeftlineBeside *self, const char *reason)
{
  GHashTableIter iter;
  void *run;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    {
      let_go (self, run, reason);
      g_hash_table_iter_remove (&iter);
    }
}

static void
take_refusal (WeftlineBeside *self, const Letter *letter)
{
  WeftlineRun *run = g_hash_table_lookup (self->runs, &letter->id);

  if (run != NULL)
    weftline_run_refuse (run, letter->text);
}

static gboolean
open_letter_cb (void *data)
{
  const Letter *letter = data;
  g_autoptr (WeftlineBeside) self = NULL;

  if (letter->post->owner == NULL)
    return G_SOURCE_REMOVE;
  self = g_object_ref (letter->post->owner);
  if (letter->kind == LETTER_LISTED)
    take_list (self, letter->runs);
  else if (letter->kind == LETTER_TOLD)
    take_run (self, &g_array_index (letter->runs, WeftServedRun, 0), true);
  else if (letter->kind == LETTER_REFUSED)
    take_refusal (self, letter);
  else
    {
      /* Translators: why a run was interrupted */
      drop_all (self, _ ("the program that had the run is gone"));
      g_signal_emit (self, signals[LOST], 0);
    }
  return G_SOURCE_REMOVE;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_beside_dispose (GObject *object)
{
  WeftlineBeside *self = WEFTLINE_BESIDE (object);

  self->post->owner = NULL;
  drop_all (self, _ ("the window does not listen any more"));
  g_clear_pointer (&self->watcher, weft_watcher_free);
  G_OBJECT_CLASS (weftline_beside_parent_class)->dispose (object);
}

static void
weftline_beside_finalize (GObject *object)
{
  WeftlineBeside *self = WEFTLINE_BESIDE (object);

  g_hash_table_unref (self->runs);
  g_hash_table_unref (self->seen);
  weftline_post_unref (self->post);
  g_free (self->address);
  G_OBJECT_CLASS (weftline_beside_parent_class)->finalize (object);
}

static void
weftline_beside_class_init (WeftlineBesideClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_beside_dispose;
  G_OBJECT_CLASS (klass)->finalize = weftline_beside_finalize;
  signals[RUN_APPEARED] = g_signal_new ("run-appeared", WEFTLINE_TYPE_BESIDE, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, WEFTLINE_TYPE_RUN);
  signals[CHANGED] = g_signal_new ("changed", WEFTLINE_TYPE_BESIDE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[LOST] = g_signal_new ("lost", WEFTLINE_TYPE_BESIDE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
weftline_beside_init (WeftlineBeside *self)
{
  self->runs = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->post = weftline_post_new (self);
}

WeftlineBeside *
weftline_beside_new (const char *address, GError **error)
{
  g_autoptr (WeftlineBeside) self = g_object_new (WEFTLINE_TYPE_BESIDE, NULL);
  const WeftWatcherFuncs watcher = {
    .data = self->post, .listed = listed, .told = told, .lost = lost
  };

  self->address = g_strdup (address);
  self->watcher = weft_watcher_new (address, "window", &watcher, error);
  return self->watcher != NULL ? g_steal_pointer (&self) : NULL;
}

const char *
weftline_beside_address (WeftlineBeside *self)
{
  return self->address;
}

bool
weftline_beside_was_there (WeftlineBeside *self)
{
  return self->was_there;
}

unsigned
weftline_beside_n_left_out (WeftlineBeside *self)
{
  return self->n_left_out;
}
