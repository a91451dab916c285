internal import Foundation
internal import FoundationNetworking
internal import Synchronization

/// One request under way.
struct Fetch {
    typealias Continuation = CheckedContinuation<Result<FetchedAnswer, FetchingError>, Never>

    let url: String
    let limit: Int
    let continuation: Continuation
    var response: HTTPURLResponse?
    var body: [UInt8] = []
    var redirects = 0

    init(url: String, limit: Int, _ continuation: Continuation) {
        self.url = url
        self.limit = limit
        self.continuation = continuation
    }
}

/// Takes what comes of all requests of a session, each under the number of its task. A request ends once: with the
/// first of its answer, its failure and its time being over.
final class FetchDelegate: NSObject, URLSessionDataDelegate, Sendable {
    private let fetches = Mutex<[Int: Fetch]>([:])

    func begin(_ number: Int, _ fetch: Fetch) {
        fetches.withLock { $0[number] = fetch }
    }

    /// Ends the request with an error, if it has not ended.
    func end(_ number: Int, _ code: FetchingError.Code, _ what: String) {
        guard let fetch = take(number) else { return }
        fetch.continuation.resume(returning: .failure(FetchingError(code, "\(fetch.url) \(what)")))
    }

    private func take(_ number: Int) -> Fetch? {
        fetches.withLock { $0.removeValue(forKey: number) }
    }

    // MARK: - What comes

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        fetches.withLock { $0[dataTask.taskIdentifier]?.response = response as? HTTPURLResponse }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooLarge = fetches.withLock { fetches in
            guard let fetch = fetches[dataTask.taskIdentifier] else { return false }
            guard fetch.body.count + data.count <= fetch.limit else { return true }
            fetches[dataTask.taskIdentifier]?.body.append(contentsOf: data)
            return false
        }
        guard isTooLarge else { return }
        end(dataTask.taskIdentifier, .tooLarge, "answered with more than the bytes that are allowed here")
        dataTask.cancel()
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        let isAllowed = fetches.withLock { fetches in
            guard let fetch = fetches[task.taskIdentifier], let old = response.url, let new = request.url else {
                return false
            }
            fetches[task.taskIdentifier]?.redirects += 1
            return task.originalRequest?.httpMethod == "GET" && fetch.redirects < 5 && old.scheme == new.scheme
                && old.host == new.host && old.port == new.port
        }
        if isAllowed { return completionHandler(request) }
        let place = request.url?.absoluteString ?? "another place"
        end(task.taskIdentifier, .redirected, "sends on to \(place), which is not followed")
        completionHandler(nil)
        task.cancel()
    }

    /// Who asks for a password has answered: there is none to give, and without this the session would wait for one.
    func urlSession(
        _ session: URLSession, task: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        finish(task)
        completionHandler(.cancelAuthenticationChallenge, nil)
        task.cancel()
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        if let error {
            let (code, what) = FetchDelegate.meaning(of: error)
            return end(task.taskIdentifier, code, what)
        }
        finish(task)
    }

    /// Ends the request with what came of it.
    private func finish(_ task: URLSessionTask) {
        guard let fetch = take(task.taskIdentifier) else { return }
        guard let response = fetch.response ?? task.response as? HTTPURLResponse else {
            let error = FetchingError(.connectionLost, "\(fetch.url) gave no HTTP answer")
            return fetch.continuation.resume(returning: .failure(error))
        }
        fetch.continuation.resume(
            returning: .success(
                FetchedAnswer(
                    url: response.url?.absoluteString ?? fetch.url, status: response.statusCode,
                    contentType: response.value(forHTTPHeaderField: "Content-Type"), body: fetch.body)))
    }

    private static func meaning(of error: any Error) -> (FetchingError.Code, String) {
        let text = error.localizedDescription
        guard let error = error as? URLError else { return (.failed, "could not be fetched: \(text)") }
        return switch error.code {
        case .cannotFindHost, .dnsLookupFailed: (.nameNotFound, "has a host whose name leads nowhere")
        case .cannotConnectToHost, .notConnectedToInternet: (.notReached, "could not be reached: \(text)")
        case .timedOut: (.timedOut, "did not answer in time")
        case .cancelled: (.cancelled, "was cancelled")
        case .networkConnectionLost, .badServerResponse, .cannotParseResponse, .zeroByteResource:
            (.connectionLost, "lost the connection before the answer was whole: \(text)")
        case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
            .clientCertificateRequired:
            (.notSecure, "gave no secure connection: \(text)")
        // Failures of TLS come without a code of their own, with the text of the library that made them.
        case _ where ["SSL", "TLS", "certificate"].contains { text.contains($0) }:
            (.notSecure, "gave no secure connection: \(text)")
        default: (.failed, "could not be fetched: \(text) (\(error.code.rawValue))")
        }
    }
}
