/*
 * names.h - what names, labels and annotations may look like. The faults are the server's words, owned
 * by the caller; NULL: the text is fine. Threads: pure.
 * Source: k8s.io/apimachinery, util/validation; RFC 1035, RFC 1123.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_NAMES_H
#define HACK_DEVCLOUD_CLUSTER_NAMES_H

char *names_give_subdomain_fault(const char *name); /* most kinds */
char *names_give_label_fault(const char *name);     /* namespaces, RFC 1123 label */
char *names_give_dns1035_fault(const char *name);   /* services */
char *names_give_segment_fault(const char *name);   /* roles and bindings: any path segment */
char *names_give_label_key_fault(const char *key);  /* also annotations, in lower case */
char *names_give_label_value_fault(const char *value);

#endif
