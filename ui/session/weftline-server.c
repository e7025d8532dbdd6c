/* weftline-server.c: the local socket, as the window has it: runs of other programs appear
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * What the server's thread tells is put into a letter, see weftline-post.h.
 */
#include "config.h"

#include "session/weftline-server.h"

#include "session/weftline-hosted.h"
#include "session/weftline-post.h"
#include "session/weftline-run-served.h"
#include "session/weftline-served.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

struct _WeftlineServer
{
  GObject parent_instance;

  WeftServer *server;
  WeftlineHosted *hosted;
  WeftlinePost *post;
  GHashTable *runs; /* by id: WeftlineRunServed, as long as somebody else has it (weak) */
};

enum
{
  RUN_APPEARED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WeftlineServer, weftline_server, G_TYPE_OBJECT)

/* ---- letters --------------------------------------------------------------------------------- */

typedef enum
{
  LETTER_APPEARED,
  LETTER_CHANGED,
  LETTER_REFUSED,
  LETTER_REQUEST,
} LetterKind;

typedef struct
{
  LetterKind kind;
  WeftlinePost *post;
  WeftServedRun run;          /* its texts are owned */
  char *refusal;              /* (nullable): why a command was not carried out */
  WeftServerRequest *request; /* (nullable) */
} Letter;

static void
letter_free (void *data)
{
  Letter *letter = data;

  weftline_served_clear (&letter->run);
  g_free (letter->refusal);
  if (letter->request != NULL)
    weft_server_refuse (letter->request, WEFT_SERVER_REFUSE_STATE,
                        _ ("the window does not listen any more"), NULL);
  weftline_post_unref (letter->post);
  g_free (letter);
}

static Letter *
letter_new (WeftlinePost *post, LetterKind kind, uint64_t id)
{
  Letter *letter = g_new0 (Letter, 1);

  letter->kind = kind;
  letter->post = weftline_post_ref (post);
  letter->run.id = id;
  return letter;
}

static gboolean open_letter_cb (void *data);

/* Not g_main_context_invoke(), which opens it here where the main loop does not turn just now. */
static void
letter_send (Letter *letter)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, open_letter_cb, letter, letter_free);
}

/* ---- the server's thread --------------------------------------------------------------------- */

static void
send_run (WeftlinePost *post, LetterKind kind, const WeftServedRun *run)
{
  Letter *letter = letter_new (post, kind, run->id);

  weftline_served_copy (&letter->run, run);
  letter_send (letter);
}

static void
appeared (void *data, const WeftServedRun *run)
{
  send_run (data, LETTER_APPEARED, run);
}

static void
changed (void *data, const WeftServedRun *run)
{
  send_run (data, LETTER_CHANGED, run);
}

static void
requested (void *data, WeftServerRequest *request)
{
  Letter *letter = letter_new (data, LETTER_REQUEST, weft_server_request_get_run (request));

  letter->request = request;
  letter_send (letter);
}

static void
answered (void *data, const char *message)
{
  WeftlinePostAsked *asked = data;
  Letter *letter;

  if (message != NULL)
    {
      letter = letter_new (asked->post, LETTER_REFUSED, asked->id);
      letter->refusal = g_strdup (message);
      letter_send (letter);
    }
  weftline_post_asked_free (asked);
}

/* ---- the main thread ------------------------------------------------------------------------- */

static void
command (WeftlineRun *run, WeftServerVerb verb, const char *members_json, void *data)
{
  WeftlineServer *self = data;
  WeftlinePostAsked *asked =
      weftline_post_asked_new (self->post, weftline_run_served_id (WEFTLINE_RUN_SERVED (run)));

  weft_server_ask_run (self->server, asked->id, verb, members_json, answered, asked);
}

static const WeftlineServedFuncs funcs = { .command = command };

static void
forget_cb (void *data, GObject *where_it_was)
{
  WeftlineServer *self = data;
  GHashTableIter iter;
  void *run;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    if (run == where_it_was)
      g_hash_table_iter_remove (&iter);
}

static void
run_appeared (WeftlineServer *self, const WeftServedRun *served)
{
  g_autoptr (GError) error = NULL;
  WeftlineFeed *feed = weftline_feed_new (served->path, &error);
  g_autoptr (WeftlineRun) run = NULL;
  uint64_t *id;

  if (feed == NULL)
    {
      g_warning ("%s: %s", served->name, error->message);
      return;
    }
  run = weftline_run_served_new (served, &funcs, self);
  weftline_run_file_follow (WEFTLINE_RUN_FILE (run), feed);
  id = g_memdup2 (&served->id, sizeof served->id);
  g_hash_table_insert (self->runs, id, run);
  g_object_weak_ref (G_OBJECT (run), forget_cb, self);
  g_signal_emit (self, signals[RUN_APPEARED], 0, run);
}

static gboolean
open_letter_cb (void *data)
{
  Letter *letter = data;
  WeftlineServer *self = letter->post->owner;
  WeftlineRun *run;

  if (self == NULL)
    return G_SOURCE_REMOVE;
  if (letter->kind == LETTER_REQUEST)
    {
      weftline_hosted_take (self->hosted, g_steal_pointer (&letter->request));
      return G_SOURCE_REMOVE;
    }
  if (letter->kind == LETTER_APPEARED)
    {
      run_appeared (self, &letter->run);
      return G_SOURCE_REMOVE;
    }
  run = g_hash_table_lookup (self->runs, &letter->run.id);
  if (run == NULL) /* its row was closed */
    return G_SOURCE_REMOVE;
  if (letter->kind == LETTER_CHANGED)
    weftline_run_served_update (WEFTLINE_RUN_SERVED (run), &letter->run);
  else if (letter->kind == LETTER_REFUSED)
    weftline_run_refuse (run, letter->refusal);
  return G_SOURCE_REMOVE;
}

/* ---- the object ------------------------------------------------------------------------------ */

/* The server writes to its runs' files what it was told, and ends them, before it is gone. */
static void
weftline_server_dispose (GObject *object)
{
  WeftlineServer *self = WEFTLINE_SERVER (object);
  GHashTableIter iter;
  void *run;

  g_clear_pointer (&self->hosted, weftline_hosted_free);
  g_clear_pointer (&self->server, weft_server_free);
  self->post->owner = NULL;
  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    {
      g_object_weak_unref (run, forget_cb, self);
      /* Translators: why a run was interrupted */
      weftline_run_served_gone (run, _ ("the window does not listen any more"));
      g_hash_table_iter_remove (&iter);
    }
  G_OBJECT_CLASS (weftline_server_parent_class)->dispose (object);
}

static void
weftline_server_finalize (GObject *object)
{
  WeftlineServer *self = WEFTLINE_SERVER (object);

  g_hash_table_unref (self->runs);
  weftline_post_unref (self->post);
  G_OBJECT_CLASS (weftline_server_parent_class)->finalize (object);
}

static void
weftline_server_class_init (WeftlineServerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = weftline_server_dispose;
  G_OBJECT_CLASS (klass)->finalize = weftline_server_finalize;
  signals[RUN_APPEARED] = g_signal_new ("run-appeared", WEFTLINE_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, WEFTLINE_TYPE_RUN);
}

static void
weftline_server_init (WeftlineServer *self)
{
  self->runs = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->post = weftline_post_new (self);
}

static void
submitted (WeftlineRun *run, void *data)
{
  g_signal_emit (data, signals[RUN_APPEARED], 0, run);
}

WeftlineServer *
weftline_server_new (const char *address, GError **error)
{
  g_autoptr (WeftlineServer) self = g_object_new (WEFTLINE_TYPE_SERVER, NULL);
  const WeftServerHost host = { .data = self->post,
                                .verbs = weftline_hosted_verbs (),
                                .request = requested,
                                .run_appeared = appeared,
                                .run_changed = changed };
  const WeftServerOptions options = { .address = address, .host = &host };

  self->server = weft_server_new (&options, error);
  if (self->server == NULL)
    return NULL;
  self->hosted = weftline_hosted_new (self->server, submitted, self);
  return g_steal_pointer (&self);
}

void
weftline_server_set_workers (WeftlineServer *self, uint32_t n_workers)
{
  weftline_hosted_set_workers (self->hosted, n_workers);
}

const char *
weftline_server_address (WeftlineServer *self)
{
  return weft_server_get_address (self->server);
}
