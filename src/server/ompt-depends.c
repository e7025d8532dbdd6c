/* ompt-depends.c: what tasks of OpenMP depend on, from the variables they name
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The runtime tells of a dependence between two tasks only where the first has not ended when the
 * second is made. So it is found here as OpenMP has it (5.1, 2.19.11): among the tasks of one
 * parent, one that reads a variable depends on the last that writes it; one that writes it depends
 * on that too and on all that have read it since.
 */
#include "config.h"

#include "server/weft-ompt-private.h"

#include <pthread.h>

/* A variable, among the tasks of one parent. */
typedef struct
{
  bool is_written;
  uint32_t writer;
  GArray *readers; /* uint32_t: since */
} Variable;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *parents; /* lock: parent → GHashTable of address → Variable */

static void
variable_free (void *data)
{
  g_array_unref (((Variable *) data)->readers);
  g_free (data);
}

static GHashTable *
variables_of (uint64_t parent)
{
  GHashTable *variables;

  if (parents == NULL)
    parents = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_hash_table_unref);
  variables = g_hash_table_lookup (parents, GSIZE_TO_POINTER (parent));
  if (variables == NULL)
    {
      variables = g_hash_table_new_full (NULL, NULL, NULL, variable_free);
      g_hash_table_insert (parents, GSIZE_TO_POINTER (parent), variables);
    }
  return variables;
}

static Variable *
find_variable (GHashTable *variables, void *address)
{
  Variable *variable = g_hash_table_lookup (variables, address);

  if (variable == NULL)
    {
      variable = g_new0 (Variable, 1);
      variable->readers = g_array_new (FALSE, FALSE, sizeof (uint32_t));
      g_hash_table_insert (variables, address, variable);
    }
  return variable;
}

static void
gather (GArray *inputs, const Variable *variable, bool reads)
{
  if (variable->is_written)
    g_array_append_val (inputs, variable->writer);
  if (!reads)
    g_array_append_vals (inputs, variable->readers->data, variable->readers->len);
}

static void
note (Variable *variable, bool reads, uint32_t task)
{
  if (reads)
    {
      g_array_append_val (variable->readers, task);
      return;
    }
  g_array_set_size (variable->readers, 0);
  variable->is_written = true;
  variable->writer = task;
}

static bool
is_of_loop (const ompt_dependence_t *dependence)
{
  return dependence->dependence_type == ompt_dependence_type_source
         || dependence->dependence_type == ompt_dependence_type_sink;
}

uint32_t
_weft_ompt_depend (WeftClient *client, const WeftOmptPlace *place, uint64_t parent,
                   const ompt_dependence_t *dependences, int n)
{
  uint32_t number = __atomic_fetch_add (&((WeftOmptPlace *) place)->n_tasks, 1, __ATOMIC_RELAXED);
  g_autofree char *key = g_strdup_printf ("%s-%u", place->name, number);
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  GHashTable *variables;
  uint32_t task;

  pthread_mutex_lock (&lock);
  variables = variables_of (parent);
  for (int i = 0; i < n; i++)
    if (!is_of_loop (&dependences[i]))
      gather (inputs, find_variable (variables, dependences[i].variable.ptr),
              dependences[i].dependence_type == ompt_dependence_type_in);
  task = weft_client_task (client, key, (const uint32_t *) (void *) inputs->data, inputs->len);
  for (int i = 0; i < n; i++)
    if (!is_of_loop (&dependences[i]))
      note (find_variable (variables, dependences[i].variable.ptr),
            dependences[i].dependence_type == ompt_dependence_type_in, task);
  pthread_mutex_unlock (&lock);
  return task;
}

void
_weft_ompt_forget_parent (uint64_t parent)
{
  pthread_mutex_lock (&lock);
  if (parents != NULL)
    g_hash_table_remove (parents, GSIZE_TO_POINTER (parent));
  pthread_mutex_unlock (&lock);
}
