/* failure-groups.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "failures/failure-groups.h"

#define LEAST_HASH 8   /* figures of a hexadecimal number without 0x */
#define MOST_BYTES 400 /* of a first line that are looked at */
#define WORKER_KEY (1ull << 32)

struct _WeftlineFailures
{
  WeftModel *model;
  int64_t until_ns;
  GPtrArray *groups;
  GHashTable *by_text; /* what is alike → group */
  uint32_t n_seen, n;
};

/* ---- patterns -------------------------------------------------------------------------------- */

/* How long a number is that begins there: 0x7f…, 5d41402abc4b, 12, 3.5e-7; 0: there is none. */
static size_t
number_at (const char *text, size_t n)
{
  size_t end = 0, n_figures = 0;

  if (n > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    for (end = 2; end < n && g_ascii_isxdigit (text[end]); end++)
      ;
  if (end > 2)
    return end;
  for (end = 0; end < n && g_ascii_isxdigit (text[end]); end++)
    n_figures += g_ascii_isdigit (text[end]) != 0;
  if (end >= LEAST_HASH && n_figures > 0 && (end == n || !g_ascii_isalpha (text[end])))
    return end;
  for (end = 0; end < n && g_ascii_isdigit (text[end]); end++)
    ;
  if (end > 0 && end + 1 < n && text[end] == '.' && g_ascii_isdigit (text[end + 1]))
    for (end++; end < n && g_ascii_isdigit (text[end]); end++)
      ;
  return end;
}

char *
weftline_failure_pattern (const char *message)
{
  size_t n = strcspn (message, "\n");
  g_autoptr (GString) pattern = g_string_new (NULL);

  n = MIN (n, MOST_BYTES);
  for (size_t i = 0; i < n;)
    {
      bool in_word = i > 0 && g_ascii_isalpha (message[i - 1]);
      size_t number = in_word && g_ascii_isalpha (message[i]) ? 0 : number_at (message + i, n - i);

      if (number == 0)
        g_string_append_c (pattern, message[i++]);
      else
        g_string_append_c (pattern, '#');
      i += number;
    }
  return g_utf8_make_valid (pattern->str, (gssize) pattern->len);
}

/* ---- taking in ------------------------------------------------------------------------------- */

static void
group_free (void *data)
{
  WeftlineFailureGroup *group = data;

  g_free (group->message);
  g_array_unref (group->tasks);
  g_hash_table_unref (group->known);
  g_free (group);
}

static WeftlineFailureGroup *
group_of (WeftlineFailures *failures, const WeftModelErrorText *error, uint32_t task_group)
{
  g_autofree char *pattern = weftline_failure_pattern (error->message);
  g_autofree char *text = g_strdup_printf ("%u\n%s\n%s", task_group, error->kind, pattern);
  WeftlineFailureGroup *group = g_hash_table_lookup (failures->by_text, text);

  if (group != NULL)
    return group;
  group = g_new0 (WeftlineFailureGroup, 1);
  group->kind = error->kind;
  group->message = g_steal_pointer (&pattern);
  group->group = task_group;
  group->first_ns = INT64_MAX;
  group->last_ns = INT64_MIN;
  group->example = failures->n_seen;
  group->tasks = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  group->known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_ptr_array_add (failures->groups, group);
  g_hash_table_insert (failures->by_text, g_steal_pointer (&text), group);
  return group;
}

/* Returns: whether it is new there */
static bool
note (WeftlineFailureGroup *group, uint64_t what)
{
  return g_hash_table_add (group->known, g_memdup2 (&what, sizeof what));
}

static void
take (WeftlineFailures *failures, const WeftModelSnapshot *snapshot,
      const WeftModelErrorText *error)
{
  bool has_task = error->task < snapshot->n_tasks;
  uint32_t task_group =
      has_task ? weft_model_task_group (failures->model, error->task) : WEFT_NO_GROUP;
  WeftlineFailureGroup *group = group_of (failures, error, task_group);
  WeftModelLane lane;
  uint32_t number;
  uint64_t index;

  failures->n++;
  group->n++;
  group->first_ns = MIN (group->first_ns, error->at_ns);
  group->last_ns = MAX (group->last_ns, error->at_ns);
  if (!has_task)
    return;
  if (note (group, error->task))
    g_array_append_val (group->tasks, error->task);
  if (!weft_model_task_span (failures->model, error->task, &number, &index))
    return;
  weft_model_lane (failures->model, number, &lane);
  /* threads of a worker have its number */
  group->n_workers +=
      note (group, WORKER_KEY + (lane.worker != WEFT_NONE ? lane.worker : number + WORKER_KEY));
}

bool
weftline_failures_update (WeftlineFailures *failures, const WeftModelSnapshot *snapshot,
                          uint32_t most)
{
  for (; most > 0 && failures->n_seen < snapshot->n_errors; most--)
    {
      WeftModelErrorText error;

      weft_model_error (failures->model, failures->n_seen, &error);
      if (error.at_ns <= failures->until_ns)
        take (failures, snapshot, &error);
      failures->n_seen++;
    }
  return failures->n_seen < snapshot->n_errors;
}

/* ---- reading --------------------------------------------------------------------------------- */

uint32_t
weftline_failures_n (const WeftlineFailures *failures)
{
  return failures->n;
}

uint32_t
weftline_failures_n_groups (const WeftlineFailures *failures)
{
  return failures->groups->len;
}

static gint
compare (gconstpointer a, gconstpointer b)
{
  const WeftlineFailureGroup *x = *(void *const *) a, *y = *(void *const *) b;

  if (x->n != y->n)
    return x->n > y->n ? -1 : 1;
  return x->example < y->example ? -1 : x->example > y->example;
}

GPtrArray *
weftline_failures_sorted (const WeftlineFailures *failures)
{
  GPtrArray *sorted = g_ptr_array_new ();

  for (guint i = 0; i < failures->groups->len; i++)
    g_ptr_array_add (sorted, failures->groups->pdata[i]);
  g_ptr_array_sort (sorted, compare);
  return sorted;
}

WeftlineFailures *
weftline_failures_new (WeftModel *model, int64_t until_ns)
{
  WeftlineFailures *failures = g_new0 (WeftlineFailures, 1);

  failures->model = weft_model_ref (model);
  failures->until_ns = until_ns;
  failures->groups = g_ptr_array_new_with_free_func (group_free);
  failures->by_text = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return failures;
}

void
weftline_failures_free (WeftlineFailures *failures)
{
  if (failures == NULL)
    return;
  g_hash_table_unref (failures->by_text);
  g_ptr_array_unref (failures->groups);
  weft_model_unref (failures->model);
  g_free (failures);
}
