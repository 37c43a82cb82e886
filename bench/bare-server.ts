// The yardstick: a bare node:http server that reads the body and answers a fixed text, on the port that the system gives.
import { createServer } from 'node:http'

const body = process.argv[2] ?? ''
const server = createServer((request, response) => {
  request.on('data', () => undefined)
  request.on('end', () => {
    response.writeHead(200, {
      'x-amzn-RequestId': '00000000-0000-0000-0000-000000000000',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    })
    response.end(body)
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(typeof address === 'object' ? address?.port : '')
})
