/* client-tasks.c: groups, tasks with keys of their own, names and memory: what is said under a lock
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-client-private.h"
#include "server/weft-report-private.h"

#include "base/weft-text-private.h"
#include "graph/weft-graph.h"
#include "graph/weft-keys-private.h"
#include "graph/weft-read-edges-private.h"

#include <inttypes.h>
#include <string.h>

#define MOST_KEY_BYTES (WEFT_KEY_MAX_BYTES - 32)
#define MOST_LINES_BYTES (32u << 20) /* that wait for a server that does not read */

void
_weft_client_said_init (WeftClientSaid *said)
{
  said->keys = g_byte_array_new ();
  said->n = 0;
  said->inputs = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  said->lines = g_string_new (NULL);
}

void
_weft_client_said_clear (WeftClientSaid *said)
{
  g_clear_pointer (&said->keys, g_byte_array_unref);
  g_clear_pointer (&said->inputs, g_array_unref);
  if (said->lines != NULL)
    g_string_free (g_steal_pointer (&said->lines), TRUE);
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* Whether the server finds the group's name in its keys. */
static bool
is_split (const char *name)
{
  g_autofree char *key = g_strdup_printf ("%s-10", name);
  g_autofree char *group = g_malloc (strlen (key) + WEFT_KEY_SPLIT_ROOM);

  weft_key_split (key, strlen (key), group, strlen (key) + WEFT_KEY_SPLIT_ROOM);
  return strcmp (group, name) == 0;
}

char *
_weft_client_dup_valid (const char *text, size_t most_bytes)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  return g_strndup (valid, _weft_text_cut (valid, strlen (valid), most_bytes));
}

static char *
dup_name (const char *text)
{
  return _weft_client_dup_valid (text[0] != '\0' ? text : "task", WEFT_REPORT_MOST_NAME_BYTES);
}

uint32_t
weft_client_group (WeftClient *client, const char *name)
{
  g_autofree char *valid = NULL;
  uint32_t number;

  if (!weft_client_is_listening (client))
    return 0;
  valid = dup_name (name);
  pthread_mutex_lock (&client->lock);
  number = GPOINTER_TO_UINT (g_hash_table_lookup (client->group_ids, valid));
  if (number == 0)
    {
      WeftClientGroup *group = g_new0 (WeftClientGroup, 1);

      group->name = g_steal_pointer (&valid);
      group->is_split = is_split (group->name);
      g_ptr_array_add (client->groups, group);
      number = client->groups->len;
      g_hash_table_insert (client->group_ids, group->name, GUINT_TO_POINTER (number));
    }
  pthread_mutex_unlock (&client->lock);
  return WEFT_CLIENT_IS_GROUP | (number - 1);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static bool
is_valid (const char *key)
{
  size_t n_bytes = strlen (key);

  return n_bytes > 0 && n_bytes <= MOST_KEY_BYTES && g_utf8_validate (key, (gssize) n_bytes, NULL);
}

static uint32_t
say_key (WeftClient *client, const char *key)
{
  WeftClientSaid *said = &client->said;
  uint32_t n_known = client->keys.n, n_chars = (uint32_t) strlen (key);
  uint32_t task = _weft_intern_add (&client->keys, key, n_chars);

  if (task < n_known)
    return task;
  g_byte_array_append (said->keys, (const guint8 *) &n_chars, sizeof n_chars);
  g_byte_array_append (said->keys, (const guint8 *) key, n_chars);
  said->n++;
  return task;
}

uint32_t
weft_client_task (WeftClient *client, const char *key, const uint32_t *inputs, uint32_t n_inputs)
{
  g_autofree char *valid = NULL;
  uint32_t task;

  if (!weft_client_is_listening (client))
    return 0;
  if (!is_valid (key))
    key = valid = _weft_client_dup_valid (key[0] != '\0' ? key : "task", MOST_KEY_BYTES);
  pthread_mutex_lock (&client->lock);
  task = say_key (client, key);
  for (uint32_t i = 0; i < n_inputs; i++)
    if (inputs[i] < client->keys.n && inputs[i] != task) /* what else there may be is a group */
      {
        uint32_t edge[2] = { task, inputs[i] };

        g_array_append_vals (client->said.inputs, edge, 2);
      }
  pthread_mutex_unlock (&client->lock);
  return task;
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* With the lock held. Whether there is room for another line, which is dropped if not. */
static bool
has_room_for_line (WeftClient *client)
{
  if (client->said.lines->len < MOST_LINES_BYTES)
    return true;
  atomic_fetch_add_explicit (&client->n_dropped, 1, memory_order_relaxed);
  return false;
}

/* ---- threads and the process ----------------------------------------------------------------- */

void
weft_client_name_thread (WeftClient *client, const char *name)
{
  WeftClientThread *thread;

  if (!weft_client_is_listening (client) || (thread = _weft_client_thread (client)) == NULL)
    return;
  pthread_mutex_lock (&client->lock);
  g_free (thread->name);
  thread->name = dup_name (name);
  pthread_mutex_unlock (&client->lock);
}

#define MOST_ANNOTATION (64u << 10) /* bytes; a line may be 1 MiB, and escapes take 6 for one */

void
weft_client_annotate (WeftClient *client, const char *text)
{
  g_autofree char *valid = NULL;
  g_autoptr (GString) line = NULL;

  if (!weft_client_is_listening (client) || text == NULL)
    return;
  valid = g_utf8_make_valid (text, (gssize) strnlen (text, MOST_ANNOTATION));
  line = g_string_new (NULL);
  g_string_append_printf (
      line, "{\"e\": \"annotation\", \"t\": %" PRId64 ", \"message\": ", weft_clock_mono_ns ());
  _weft_read_append_json (line, valid, strlen (valid));
  g_string_append (line, "}\n");
  pthread_mutex_lock (&client->lock);
  if (has_room_for_line (client))
    g_string_append_len (client->said.lines, line->str, (gssize) line->len);
  pthread_mutex_unlock (&client->lock);
}

void
weft_client_memory (WeftClient *client, int what, uint64_t n_bytes)
{
  static const char *const names[] = { "managed", "spilled", "resident", "limit" };
  GString *lines;

  if (!weft_client_is_listening (client) || what < 0 || what >= (int) G_N_ELEMENTS (names))
    return;
  pthread_mutex_lock (&client->lock);
  lines = client->said.lines;
  if (has_room_for_line (client))
    {
      g_string_append (lines, "{\"e\": \"memory\", \"w\": ");
      _weft_read_append_json (lines, client->worker, strlen (client->worker));
      g_string_append_printf (lines, ", \"t\": %" PRId64 ", \"%s\": %" PRIu64 "}\n",
                              weft_clock_mono_ns (), names[what], MIN (n_bytes, INT64_MAX));
    }
  pthread_mutex_unlock (&client->lock);
}
