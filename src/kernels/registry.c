/* registry.c: operations by name and version
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A table behind a lock: it is asked once a call when a graph is attached, never while tasks run.
 * What it gives out (operations, sets of classes) stays where it is while the registry lives.
 */
#include "config.h"

#include "kernels/weft-registry-private.h"

#include "base/weft-nearest-private.h"

#include <string.h>

G_DEFINE_QUARK (weft - op - error - quark, weft_op_error)

static void
class_set_free (void *data)
{
  WeftForeignClasses *set = data;

  g_free ((void *) set->classes);
  g_free (set);
}

static WeftOpRegistry *
registry_new_empty (void)
{
  WeftOpRegistry *registry = g_new0 (WeftOpRegistry, 1);

  atomic_init (&registry->refs, 1);
  pthread_mutex_init (&registry->lock, NULL);
  registry->ops =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  registry->all = g_ptr_array_new_with_free_func (g_free);
  registry->class_sets = g_ptr_array_new_with_free_func (class_set_free);
  registry->plugins = g_ptr_array_new ();
  g_ptr_array_add (registry->class_sets, g_new0 (WeftForeignClasses, 1));
  return registry;
}

static void insert (WeftOpRegistry *registry, const WeftOp *op);

/* Built-in operations are checked by the tests, not at each start. */
WeftOpRegistry *
weft_op_registry_new (void)
{
  static const WeftOpTable *const tables[] = {
    &_weft_ops_exec,   &_weft_ops_file,   &_weft_ops_list,  &_weft_ops_number,
    &_weft_ops_record, &_weft_ops_string, &_weft_ops_value, &_weft_ops_work,
  };
  WeftOpRegistry *registry = registry_new_empty ();

  for (size_t t = 0; t < G_N_ELEMENTS (tables); t++)
    for (size_t i = 0; i < tables[t]->n_ops; i++)
      insert (registry, &tables[t]->ops[i]);
  return registry;
}

WeftOpRegistry *
weft_op_registry_ref (WeftOpRegistry *registry)
{
  atomic_fetch_add_explicit (&registry->refs, 1, memory_order_relaxed);
  return registry;
}

void
weft_op_registry_unref (WeftOpRegistry *registry)
{
  if (registry == NULL || atomic_fetch_sub_explicit (&registry->refs, 1, memory_order_acq_rel) != 1)
    return;
  g_hash_table_unref (registry->ops);
  g_ptr_array_unref (registry->all);
  g_ptr_array_unref (registry->class_sets);
  g_ptr_array_unref (registry->plugins);
  pthread_mutex_destroy (&registry->lock);
  g_free (registry);
}

/* ---- what an operation must be --------------------------------------------------------------- */

static bool fail_invalid (GError **error, const WeftOp *op, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static bool
fail_invalid (GError **error, const WeftOp *op, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list list;

  va_start (list, format);
  text = g_strdup_vprintf (format, list);
  va_end (list);
  g_set_error (error, WEFT_OP_ERROR, WEFT_OP_ERROR_INVALID, "operation “%s”: %s",
               op->name != NULL ? op->name : "", text);
  return false;
}

static bool
is_name (const char *name)
{
  const char *at = name;

  while (at != NULL && (g_ascii_isalnum (*at) || *at == '_' || *at == '.' || *at == '-'))
    at++;
  return at != NULL && at > name && *at == '\0';
}

static bool
check_param (const WeftOp *op, uint32_t i, GError **error)
{
  const WeftOpParam *param = &op->params[i];
  bool rest = op->variadic && i == op->n_params - 1;

  if (!is_name (param->name))
    return fail_invalid (
        error, op, "found parameter %u without a name, expected letters, digits, _ . or -", i);
  for (uint32_t k = 0; k < i; k++)
    if (strcmp (op->params[k].name, param->name) == 0)
      return fail_invalid (error, op, "found two parameters named “%s”", param->name);
  if (param->accepts == 0)
    return fail_invalid (error, op, "parameter “%s” accepts no type", param->name);
  if (weft_value_is_boxed (&param->fallback))
    return fail_invalid (error, op, "the fallback of “%s” is not a plain value", param->name);
  if (param->required && i > 0 && !op->params[i - 1].required)
    return fail_invalid (error, op, "found required parameter “%s” behind one that may be left out",
                         param->name);
  if (rest && param->required)
    return fail_invalid (error, op, "the variadic parameter “%s” cannot be required", param->name);
  return true;
}

bool
_weft_op_check (const WeftOp *op, GError **error)
{
  if (!is_name (op->name))
    return fail_invalid (error, op, "found no name, expected letters, digits, _ . or -");
  if (op->version == 0)
    return fail_invalid (error, op, "found version 0, expected versions from 1");
  if (op->kernel == NULL)
    return fail_invalid (error, op, "it has no kernel");
  if (op->doc == NULL)
    return fail_invalid (error, op, "it has no documentation");
  if (op->n_outputs == 0)
    return fail_invalid (error, op, "it has no outputs, expected at least 1");
  if (op->n_params > 0 && op->params == NULL)
    return fail_invalid (error, op, "it has %u parameters, but no table of them", op->n_params);
  if (op->variadic && op->n_params == 0)
    return fail_invalid (error, op, "it is variadic, but has no parameter to be so");
  if (((op->flags & WEFT_OP_RUNTIME) != 0) != (op->runtime != NULL))
    return fail_invalid (error, op, "WEFT_OP_RUNTIME and a runtime go together, found one of them");
  for (uint32_t i = 0; i < op->n_params; i++)
    if (!check_param (op, i, error))
      return false;
  return true;
}

/* ---- adding ---------------------------------------------------------------------------------- */

static const WeftOp *
find_version (WeftOpRegistry *registry, const char *name, uint32_t version)
{
  GPtrArray *versions = g_hash_table_lookup (registry->ops, name);

  for (guint i = 0; versions != NULL && i < versions->len; i++)
    {
      const WeftOp *op = g_ptr_array_index (versions, i);

      if (version == 0 || op->version == version)
        return op;
    }
  return NULL;
}

static void
insert (WeftOpRegistry *registry, const WeftOp *op)
{
  GPtrArray *versions = g_hash_table_lookup (registry->ops, op->name);
  WeftOp *own = g_memdup2 (op, sizeof *op);
  guint i = 0;

  g_ptr_array_add (registry->all, own);
  if (versions == NULL)
    {
      versions = g_ptr_array_new ();
      g_hash_table_insert (registry->ops, (char *) op->name, versions);
    }
  while (i < versions->len && ((WeftOp *) versions->pdata[i])->version > op->version)
    i++;
  g_ptr_array_insert (versions, (int) i, own);
}

static bool
check_new (WeftOpRegistry *registry, const WeftOp *ops, size_t n_ops, GError **error)
{
  for (size_t i = 0; i < n_ops; i++)
    {
      bool known = find_version (registry, ops[i].name, ops[i].version) != NULL;

      for (size_t k = 0; k < i && !known; k++)
        known = ops[k].version == ops[i].version && strcmp (ops[k].name, ops[i].name) == 0;
      if (!known)
        continue;
      g_set_error (error, WEFT_OP_ERROR, WEFT_OP_ERROR_DUPLICATE,
                   "operation “%s” version %u is there already; give yours another name or version",
                   ops[i].name, ops[i].version);
      return false;
    }
  return true;
}

bool
weft_op_registry_add (WeftOpRegistry *registry, const WeftOp *ops, size_t n_ops, GError **error)
{
  bool ok;

  for (size_t i = 0; i < n_ops; i++)
    if (!_weft_op_check (&ops[i], error))
      return false;
  pthread_mutex_lock (&registry->lock);
  ok = check_new (registry, ops, n_ops, error);
  for (size_t i = 0; ok && i < n_ops; i++)
    insert (registry, &ops[i]);
  pthread_mutex_unlock (&registry->lock);
  return ok;
}

/* ---- foreign classes ------------------------------------------------------------------------- */

static const WeftForeignClasses *
newest_classes (WeftOpRegistry *registry)
{
  return g_ptr_array_index (registry->class_sets, registry->class_sets->len - 1);
}

static bool
is_known_class (const WeftForeignClass *const *classes, size_t n, const WeftForeignClass *klass)
{
  for (size_t i = 0; i < n; i++)
    if (strcmp (classes[i]->name, klass->name) == 0)
      return true;
  return false;
}

static bool
check_classes (WeftOpRegistry *registry, const WeftForeignClass *const *classes, size_t n_classes,
               GError **error)
{
  const WeftForeignClasses *known = newest_classes (registry);

  for (size_t i = 0; i < n_classes; i++)
    {
      if (classes[i]->name == NULL || classes[i]->release == NULL)
        {
          g_set_error (error, WEFT_OP_ERROR, WEFT_OP_ERROR_INVALID,
                       "foreign class “%s”: expected a name and a release function",
                       classes[i]->name != NULL ? classes[i]->name : "");
          return false;
        }
      if (is_known_class (known->classes, known->n_classes, classes[i])
          || is_known_class (classes, i, classes[i]))
        {
          g_set_error (error, WEFT_OP_ERROR, WEFT_OP_ERROR_DUPLICATE,
                       "foreign class “%s” is there already", classes[i]->name);
          return false;
        }
    }
  return true;
}

static void
append_classes (WeftOpRegistry *registry, const WeftForeignClass *const *classes, size_t n_classes)
{
  const WeftForeignClasses *known = newest_classes (registry);
  WeftForeignClasses *set = g_new0 (WeftForeignClasses, 1);
  const WeftForeignClass **all =
      g_new0 (const WeftForeignClass *, known->n_classes + n_classes + 1);

  for (size_t i = 0; i < known->n_classes; i++)
    all[i] = known->classes[i];
  for (size_t i = 0; i < n_classes; i++)
    all[known->n_classes + i] = classes[i];
  set->classes = all;
  set->n_classes = known->n_classes + n_classes;
  g_ptr_array_add (registry->class_sets, set);
}

bool
weft_op_registry_add_classes (WeftOpRegistry *registry, const WeftForeignClass *const *classes,
                              size_t n_classes, GError **error)
{
  bool ok;

  pthread_mutex_lock (&registry->lock);
  ok = check_classes (registry, classes, n_classes, error);
  if (ok)
    append_classes (registry, classes, n_classes);
  pthread_mutex_unlock (&registry->lock);
  return ok;
}

const WeftForeignClasses *
weft_op_registry_classes (WeftOpRegistry *registry)
{
  const WeftForeignClasses *classes;

  pthread_mutex_lock (&registry->lock);
  classes = newest_classes (registry);
  pthread_mutex_unlock (&registry->lock);
  return classes;
}

/* ---- asking ---------------------------------------------------------------------------------- */

const WeftOp *
weft_op_registry_find (WeftOpRegistry *registry, const char *name, uint32_t version)
{
  const WeftOp *op;

  pthread_mutex_lock (&registry->lock);
  op = find_version (registry, name, version);
  pthread_mutex_unlock (&registry->lock);
  return op;
}

static int
compare_ops (const void *a, const void *b)
{
  const WeftOp *left = *(const WeftOp *const *) a;
  const WeftOp *right = *(const WeftOp *const *) b;
  int order = strcmp (left->name, right->name);

  return order != 0 ? order : (left->version > right->version) - (left->version < right->version);
}

/* All operations by name. (transfer container) */
static GPtrArray *
sorted_ops (WeftOpRegistry *registry)
{
  GPtrArray *ops = g_ptr_array_new ();

  pthread_mutex_lock (&registry->lock);
  g_ptr_array_extend (ops, registry->all, NULL, NULL);
  pthread_mutex_unlock (&registry->lock);
  g_ptr_array_sort (ops, compare_ops);
  return ops;
}

char *
weft_op_registry_suggest (WeftOpRegistry *registry, const char *name)
{
  g_autoptr (GPtrArray) ops = sorted_ops (registry);
  WeftNearest nearest;

  _weft_nearest_init (&nearest, name, strlen (name));
  for (guint i = 0; i < ops->len; i++)
    {
      const WeftOp *op = g_ptr_array_index (ops, i);

      _weft_nearest_offer (&nearest, op->name, strlen (op->name), i);
    }
  if (nearest.best == WEFT_NONE)
    return NULL;
  return g_strdup (((const WeftOp *) g_ptr_array_index (ops, nearest.best))->name);
}

void
weft_op_registry_foreach (WeftOpRegistry *registry, WeftOpFunc func, void *data)
{
  g_autoptr (GPtrArray) ops = sorted_ops (registry);

  for (guint i = 0; i < ops->len; i++)
    func (g_ptr_array_index (ops, i), data);
}
