internal import Dispatch
internal import FoundationEssentials
internal import FoundationNetworking

/// An HTTP client for small answers, with bounds on what may come and how long it may take.
///
/// Redirects are followed for GET only, at most five, and only to the same host and port by the same scheme. Nothing is
/// kept between requests but connections: no cookies, no cache, no credentials.
public final class Fetcher: Sendable {
    private let session: URLSession
    private let delegate: FetchDelegate

    /// - Parameter userAgent: What this client calls itself.
    public init(userAgent: String = "mohur") {
        let settings = URLSessionConfiguration.ephemeral
        settings.urlCache = nil
        settings.httpCookieStorage = nil
        settings.urlCredentialStorage = nil
        settings.httpShouldSetCookies = false
        settings.requestCachePolicy = .reloadIgnoringLocalCacheData
        settings.httpAdditionalHeaders = ["User-Agent": userAgent]
        settings.httpMaximumConnectionsPerHost = 16
        delegate = FetchDelegate()
        session = URLSession(configuration: settings, delegate: delegate, delegateQueue: nil)
    }

    deinit { session.finishTasksAndInvalidate() }

    /// Gets `url`, `http:` or `https:`. Plain HTTP is allowed: what is fetched must be verified by other means.
    ///
    /// - Parameters:
    ///   - timeout: For all of it, from looking up the name to the last byte.
    ///   - limit: The largest body, in bytes, after decompression.
    public func get(_ url: String, timeout: Duration, limit: Int) async throws(FetchingError) -> FetchedAnswer {
        try await fetch(request(url, "GET", timeout), timeout, limit)
    }

    /// Posts `body` to `url`, and returns the answer. See ``get(_:timeout:limit:)``.
    public func post(
        _ url: String, contentType: String, body: [UInt8], timeout: Duration, limit: Int
    ) async throws(FetchingError) -> FetchedAnswer {
        var request = try request(url, "POST", timeout)
        request.setValue(contentType, forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(body)
        return try await fetch(request, timeout, limit)
    }

    /// Throws `invalidURL` unless `url` is one that can be fetched: `http` or `https`, a host, no user or password, no
    /// fragment. A host may be a name or an IPv4 address.
    public static func check(_ url: String) throws(FetchingError) {
        _ = try parse(url)
    }

    private static func parse(_ text: String) throws(FetchingError) -> URL {
        guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme.lowercased()),
            let host = url.host(), !host.isEmpty, url.user() == nil, url.password() == nil, url.fragment() == nil
        else {
            throw FetchingError(
                .invalidURL, "\"\(text)\" is no URL to fetch; write http:// or https://, a host, and a path")
        }
        // FoundationNetworking takes none of these.
        guard !host.contains(":") else {
            throw FetchingError(.invalidURL, "\"\(text)\" names its host by an IPv6 address; write a name instead")
        }
        return url
    }

    private func request(_ url: String, _ method: String, _ timeout: Duration) throws(FetchingError) -> URLRequest {
        var request = URLRequest(url: try Fetcher.parse(url))
        request.httpMethod = method
        // The delegate's own clock ends it before.
        request.timeoutInterval = timeout / .seconds(1) + 5
        return request
    }

    private func fetch(
        _ request: URLRequest, _ timeout: Duration, _ limit: Int
    ) async throws(FetchingError) -> FetchedAnswer {
        let task = session.dataTask(with: request)
        let number = task.taskIdentifier
        // On a queue of its own: time also passes when Swift's cooperative threads are all busy.
        let clock = DispatchWorkItem { [delegate] in
            delegate.end(number, .timedOut, "did not answer within \(timeout)")
            task.cancel()
        }
        defer { clock.cancel() }
        DispatchQueue.global().asyncAfter(deadline: .now() + timeout / .seconds(1), execute: clock)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                delegate.begin(number, Fetch(url: request.url?.absoluteString ?? "", limit: limit, continuation))
                task.resume()
                if Task.isCancelled { delegate.end(number, .cancelled, "was cancelled") }
            }
        } onCancel: {
            delegate.end(number, .cancelled, "was cancelled")
            task.cancel()
        }
        return try result.get()
    }
}
