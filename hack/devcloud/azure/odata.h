/* odata.h - the $filter of a request: conditions that must all hold. The simulator's lock is held. */
#ifndef HACK_DEVCLOUD_AZURE_ODATA_H
#define HACK_DEVCLOUD_AZURE_ODATA_H

#include "hack/devcloud/azure/sim.h"

/*
 *   field eq 'value'              ODATA_EQ
 *   startswith(field,'value')     ODATA_STARTS
 *   substringof('value',field)    ODATA_CONTAINS
 *   field/any(x:x eq 'value')     ODATA_ANY
 *   name() or name('value')       ODATA_CALL; means what the list says, and every object matches
 */
enum odata_op { ODATA_EQ, ODATA_STARTS, ODATA_CONTAINS, ODATA_ANY, ODATA_CALL };
struct odata_clause {
    enum odata_op op;
    char *field, *value; /* value: "" when a call has none */
};
struct odata {
    struct odata_clause *v;
    size_t len;
};
/* Without a filter there is no condition. false after answering 400: another form. Release in both cases. */
bool odata_init(struct sim_call *c, struct odata *ret);
void odata_release(struct odata *o);
static inline void odata_release_slot(struct odata *o)
{
    odata_release(o);
}
#define cleanup_odata CLEANUP_WITH(odata_release_slot)

/* Fields are members of the object or of its properties ("a/b" goes down); also tagName and tagValue, resourceType,
 * resourceGroup. Letter case of values is ignored. */
bool odata_matches(const struct odata *o, const json *object);
/* The value of the first condition on the field or call; NULL: there is none. Borrowed. */
const char *odata_value(const struct odata *o, const char *field);

#endif
