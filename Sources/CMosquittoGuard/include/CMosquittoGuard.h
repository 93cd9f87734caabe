#ifndef MILLWRIGHT_MOSQUITTO_GUARD_H
#define MILLWRIGHT_MOSQUITTO_GUARD_H

struct mosquitto;

/// The result of mosquitto_guard_loop_read() when the peer sent an MQTT 5 property that the library does not know.
enum { MOSQUITTO_GUARD_UNKNOWN_PROPERTY = -1000 };

/// Calls mosquitto_loop_read(client, 1). One particular failed assertion of libmosquitto ends the call instead of the
/// process.
///
/// libmosquitto up to 2.0.14 logs an unknown property in any packet without naming a client, and its log function
/// asserts that there is one (lib/property_mosq.c, lib/logging_mosq.c). No call order and no log callback changes
/// that, so any broker or bridge of a later protocol could end the process with one byte. The failed assertion
/// returns here with MOSQUITTO_GUARD_UNKNOWN_PROPERTY. The library holds no lock at that point, and the client may then
/// only be destroyed.
///
/// Destroying it frees the packet's bytes and everything else that belongs to the client. What the library had made of
/// the packet belongs to its abandoned functions and cannot be freed: the message's topic and the properties before the
/// unknown one, a few hundred bytes for packets of usual brokers. No public call reaches them, and the pointers were on
/// the abandoned stack. Each loss needs a connection of its own, and the session waits before it connects again, up to a
/// minute while connections end soon (Backoff).
///
/// Every other failed assertion ends the process as usual.
int mosquitto_guard_loop_read(struct mosquitto *client);

#endif
