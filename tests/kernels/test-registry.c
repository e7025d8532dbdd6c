/* test-registry.c: operations by name, and what is refused
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"

#include "kernels/weft-registry-private.h"

#include <pthread.h>
#include <string.h>

static WeftStatus
kernel (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  return WEFT_OK;
}

#define PARAM(param_name, types, needed)           \
  {                                                \
    param_name, types, needed, WEFT_VALUE_INIT, "" \
  }

static const WeftOpParam good_params[] = { PARAM ("a", WEFT_ACCEPT_ANY, true),
                                           PARAM ("b", WEFT_ACCEPT_NUMBER, false) };
static const WeftOp good = { .name = "test.good",
                             .version = 2,
                             .doc = "",
                             .params = good_params,
                             .n_params = 2,
                             .n_outputs = 1,
                             .kernel = kernel };

static void
test_added_operations_are_found (void)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autoptr (GError) error = NULL;
  WeftOp older = good;
  const WeftOp *found;

  g_assert_true (weft_op_registry_add (registry, &good, 1, &error));
  older.version = 1;
  g_assert_true (weft_op_registry_add (registry, &older, 1, &error));
  found = weft_op_registry_find (registry, "test.good", 0);
  g_assert_cmpuint (found->version, ==, 2);
  g_assert_true (found == weft_op_registry_find (registry, "test.good", 2));
  g_assert_cmpuint (weft_op_registry_find (registry, "test.good", 1)->version, ==, 1);
  g_assert_null (weft_op_registry_find (registry, "test.good", 3));
  g_assert_null (weft_op_registry_find (registry, "test.bad", 0));
  weft_op_registry_unref (registry);
}

/* What was found stays as long as anybody holds a reference. */
static void
test_references_keep_it (void)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  const WeftOp *found;

  g_assert_true (weft_op_registry_ref (registry) == registry);
  g_assert_true (weft_op_registry_add (registry, &good, 1, NULL));
  found = weft_op_registry_find (registry, "test.good", 0);
  weft_op_registry_unref (registry);
  g_assert_true (found == weft_op_registry_find (registry, "test.good", 0));
  g_assert_cmpstr (found->name, ==, "test.good");
  weft_op_registry_unref (registry);
}

/* Nothing of a batch is added when one of it cannot be. */
static void
test_duplicates_are_refused (void)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  WeftOp pair[2] = { good, good };
  g_autoptr (GError) error = NULL;

  g_assert_false (weft_op_registry_add (registry, pair, 2, &error));
  test_assert_error (&error, WEFT_OP_ERROR, WEFT_OP_ERROR_DUPLICATE,
                     "operation “test.good” version 2 is there already", NULL);
  g_assert_null (weft_op_registry_find (registry, "test.good", 0));
  pair[1].name = "add";
  pair[1].version = 1;
  g_assert_false (weft_op_registry_add (registry, pair, 2, &error));
  test_assert_error (&error, WEFT_OP_ERROR, WEFT_OP_ERROR_DUPLICATE, "“add”", NULL);
  g_assert_null (weft_op_registry_find (registry, "test.good", 0));
  weft_op_registry_unref (registry);
}

static const WeftOpParam twice[] = { PARAM ("a", WEFT_ACCEPT_ANY, true),
                                     PARAM ("a", WEFT_ACCEPT_ANY, true) };
static const WeftOpParam unnamed[] = { PARAM ("", WEFT_ACCEPT_ANY, true) };
static const WeftOpParam nothing[] = { PARAM ("a", 0, true) };
static const WeftOpParam late[] = { PARAM ("a", WEFT_ACCEPT_ANY, false),
                                    PARAM ("b", WEFT_ACCEPT_ANY, true) };

#define BAD(text, ...)                                                                    \
  {                                                                                       \
    text,                                                                                 \
    {                                                                                     \
      .name = "x", .version = 1, .doc = "", .n_outputs = 1, .kernel = kernel, __VA_ARGS__ \
    }                                                                                     \
  }

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static const struct
{
  const char *message;
  WeftOp op;
} bad_ops[] = {
  BAD ("found no name", .name = NULL),
  BAD ("found no name", .name = "with space"),
  BAD ("found version 0", .version = 0),
  BAD ("it has no kernel", .kernel = NULL),
  BAD ("it has no documentation", .doc = NULL),
  BAD ("it has no outputs", .n_outputs = 0),
  BAD ("it has 2 parameters, but no table", .n_params = 2),
  BAD ("it is variadic, but has no parameter", .variadic = true),
  BAD ("WEFT_OP_RUNTIME and a runtime go together", .flags = WEFT_OP_RUNTIME),
  BAD ("found two parameters named “a”", .params = twice, .n_params = 2),
  BAD ("found parameter 0 without a name", .params = unnamed, .n_params = 1),
  BAD ("parameter “a” accepts no type", .params = nothing, .n_params = 1),
  BAD ("found required parameter “b” behind one that may be left out", .params = late,
       .n_params = 2),
  BAD ("the variadic parameter “a” cannot be required", .params = good_params, .n_params = 1,
       .variadic = true),
};
#pragma GCC diagnostic pop

static void
test_contradictions_are_refused (void)
{
  WeftOpRegistry *registry = weft_op_registry_new ();

  for (size_t i = 0; i < G_N_ELEMENTS (bad_ops); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (weft_op_registry_add (registry, &bad_ops[i].op, 1, &error));
      test_assert_error (&error, WEFT_OP_ERROR, WEFT_OP_ERROR_INVALID, bad_ops[i].message, NULL);
    }
  weft_op_registry_unref (registry);
}

static void
check_op (const WeftOp *op, void *data)
{
  const char **before = data;
  g_autoptr (GError) error = NULL;

  _weft_op_check (op, &error);
  g_assert_no_error (error);
  g_assert_cmpint (strcmp (*before, op->name), <, 0);
  for (uint32_t i = 0; i < op->n_params; i++)
    if (op->params[i].doc == NULL || *op->params[i].doc == '\0')
      g_error ("%s: parameter %s has no documentation", op->name, op->params[i].name);
  g_assert_cmpuint (strlen (op->doc), >, 0);
  g_assert_cmpuint (strcspn (op->doc, "\n"), <, 90);
  *before = op->name;
}

/* Built-in ones are not checked at each start, so here they are. */
static void
test_built_in_operations_are_sound (void)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  const char *before = "";

  weft_op_registry_foreach (registry, check_op, &before);
  g_assert_cmpstr (before, ==, "touch");
  weft_op_registry_unref (registry);
}

static void
test_near_names_are_suggested (void)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autofree char *sum = weft_op_registry_suggest (registry, "summ");
  g_autofree char *read = weft_op_registry_suggest (registry, "file.raed");

  g_assert_cmpstr (sum, ==, "sum");
  g_assert_cmpstr (read, ==, "file.read");
  g_assert_null (weft_op_registry_suggest (registry, "something else"));
  weft_op_registry_unref (registry);
}

static void
release_nothing (void *object)
{
}

static void
test_classes_are_snapshots (void)
{
  static const WeftForeignClass one = { .name = "one", .release = release_nothing };
  static const WeftForeignClass two = { .name = "two", .release = release_nothing };
  static const WeftForeignClass *const ones[] = { &one };
  static const WeftForeignClass *const both[] = { &two, &one };
  static const WeftForeignClass *const twos[] = { &two };
  WeftOpRegistry *registry = weft_op_registry_new ();
  const WeftForeignClasses *empty = weft_op_registry_classes (registry);
  g_autoptr (GError) error = NULL;

  g_assert_true (weft_op_registry_add_classes (registry, ones, 1, &error));
  g_assert_false (weft_op_registry_add_classes (registry, both, 2, &error));
  test_assert_error (&error, WEFT_OP_ERROR, WEFT_OP_ERROR_DUPLICATE, "“one”", NULL);
  g_assert_true (weft_op_registry_add_classes (registry, twos, 1, &error));
  g_assert_cmpuint (empty->n_classes, ==, 0);
  g_assert_cmpuint (weft_op_registry_classes (registry)->n_classes, ==, 2);
  g_assert_true (weft_op_registry_classes (registry)->classes[1] == &two);
  weft_op_registry_unref (registry);
}

typedef struct
{
  WeftOpRegistry *registry;
  int number;
} Adder;

static void *
add_and_find (void *data)
{
  const Adder *adder = data;

  for (int i = 0; i < 100; i++)
    {
      WeftOp op = good;
      g_autoptr (GError) error = NULL;

      op.version = (uint32_t) (adder->number * 100 + i + 10);
      g_assert_true (weft_op_registry_add (adder->registry, &op, 1, &error));
      g_assert_cmpuint (weft_op_registry_find (adder->registry, "test.good", op.version)->version,
                        ==, op.version);
      g_assert_nonnull (weft_op_registry_find (adder->registry, "add", 0));
      g_assert_nonnull (weft_op_registry_classes (adder->registry));
    }
  return NULL;
}

static void
test_any_thread_may_add_and_find (void)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  pthread_t threads[4];
  Adder adders[4];

  for (int i = 0; i < 4; i++)
    {
      adders[i] = (Adder){ registry, i };
      g_assert_cmpint (pthread_create (&threads[i], NULL, add_and_find, &adders[i]), ==, 0);
    }
  for (int i = 0; i < 4; i++)
    pthread_join (threads[i], NULL);
  g_assert_cmpuint (weft_op_registry_find (registry, "test.good", 0)->version, ==, 409);
  weft_op_registry_unref (registry);
}

static void
test_files_that_are_no_plugins_are_refused (void)
{
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *text = test_dir_write (dir, "text.so", "no shared object");
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (weft_op_registry_load (registry, "no-such-plugin.so", &error));
  test_assert_error (&error, WEFT_OP_ERROR, WEFT_OP_ERROR_PLUGIN,
                     "plug-in no-such-plugin.so: ", "No such file or directory", NULL);
  g_assert_false (weft_op_registry_load (registry, text, &error));
  test_assert_error (&error, WEFT_OP_ERROR, WEFT_OP_ERROR_PLUGIN, text, NULL);
  weft_op_registry_unref (registry);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("kernels", "registry", "added-operations-are-found", test_added_operations_are_found);
  test_add ("kernels", "registry", "references-keep-it", test_references_keep_it);
  test_add ("kernels", "registry", "duplicates-are-refused", test_duplicates_are_refused);
  test_add ("kernels", "registry", "contradictions-are-refused", test_contradictions_are_refused);
  test_add ("kernels", "registry", "built-in-operations-are-sound",
            test_built_in_operations_are_sound);
  test_add ("kernels", "registry", "near-names-are-suggested", test_near_names_are_suggested);
  test_add ("kernels", "registry", "classes-are-snapshots", test_classes_are_snapshots);
  test_add ("kernels", "registry", "any-thread-may-add-and-find", test_any_thread_may_add_and_find);
  test_add ("kernels", "registry", "files-that-are-no-plugins-are-refused",
            test_files_that_are_no_plugins_are_refused);
  return g_test_run ();
}
