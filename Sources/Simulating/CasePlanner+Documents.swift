/// A document that is registered and may be sent.
struct PreparedDocument {
    let number: UInt8
    /// The step that registered it.
    var registered: UInt8
}

extension CasePlanner {
    /// Drafts a document, passes it by as many officials as its kind needs, signs and registers it.
    mutating func prepare(_ type: DocumentType, cause: UInt8, visas: Int) -> PreparedDocument {
        let document = newDocument()
        var version: UInt8 = 1
        var ready = add(.documentDrafted, cause: cause, subject: document, choice: type.rawValue, version: version)
        var order = 1
        while order <= visas {
            work(minutes: scaled(5...120))
            let requested = add(
                .visaRequested, cause: ready, subject: document, choice: UInt8(order), version: version)
            work(minutes: scaled(20...900))
            guard version < 3, random.chance(11) else {
                ready = add(.visaGranted, cause: requested, subject: document, choice: UInt8(order), version: version)
                order += 1
                continue
            }
            let returned = add(
                .visaReturned, cause: requested, subject: document, choice: UInt8(order), version: version)
            version += 1
            order = 1
            work(minutes: scaled(30...700))
            ready = add(.documentDrafted, cause: returned, subject: document, choice: type.rawValue, version: version)
        }
        work(minutes: scaled(10...300))
        let signed = add(.documentSigned, cause: ready, subject: document, version: version)
        work(minutes: 1...20)
        let registered = add(
            .documentRegistered, cause: signed, subject: document, choice: type.rawValue, version: version)
        return PreparedDocument(number: document, registered: registered)
    }

    /// Dispatches a document; its delivery is confirmed later, beside the main path. Returns the dispatch.
    mutating func send(_ document: PreparedDocument) -> UInt8 {
        work(minutes: 5...200)
        let isPost = random.chance(25)
        let dispatched = add(
            .documentDispatched, cause: document.registered, subject: document.number, choice: isPost ? 1 : 0)
        let delay = isPost ? random.within(1200...3 * 1440) : random.within(1...1440)
        let delivered =
            isPost
            ? calendar.moment(after: now, work: Int64(delay) * Milliseconds.minute * 9 / 24)
            : now + Int64(delay) * Milliseconds.minute + Int64(random.below(60_000))
        add(.deliveryConfirmed, at: delivered, cause: dispatched, subject: document.number)
        return dispatched
    }
}
